"""`tools/pi check`: what a Raspberry Pi answers, held against this machine; exits 1 where they disagree."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

import compared
import documented
import material
from board import CPUS, ENVIRONMENTS, FORMATS, HOME, PI, ROOT, Board, Done, counterpart, run_checkout, run_here
from compared import Row
from edgeproof.edge.atomic import write_text
from edgeproof.edge.console import Console, table

_PROGRAMS = ROOT / "tools/emulated"
_MODELS = ROOT / "tests/models"
_WORK = PI / "check"
_MATERIAL = _WORK / "material.npz"
_FRAMES = 6
_TARGET = "pi-bookworm-arm64"
_FIRST = next(iter(CPUS))
# Drawing hands is slow where every instruction is emulated; the short form leaves those tests to the long one.
_QUICK = "not generated_hands"
_WITHOUT_ONNX = "not onnx"
# The aarch64 library of tflite-runtime 2.14 sets the processor to flush subnormal numbers to zero as it is loaded, and
# numpy 1 says so.
_FLUSHED = "ignore:The value of the smallest subnormal:UserWarning"


@dataclass(frozen=True)
class Step:
    """One command that ran on the board."""

    board: str
    name: str
    seconds: float
    passed: bool
    detail: str


class Campaign:
    """Runs the steps, says each as it ends, and keeps what it found."""

    def __init__(self, models: list[Path], pictures: Path | None, *, short: bool) -> None:
        self.models = models or sorted(_MODELS.glob("*.tflite")) + sorted(_MODELS.glob("*.onnx"))
        self.pictures, self.short = pictures, short
        self.steps: list[Step] = []
        self.rows: dict[str, list[Row]] = {}
        self._console = Console()
        self._folders = tuple({model.parent for model in self.models})

    def run(self) -> bool:
        """Run everything; tells whether all of it holds."""
        _WORK.mkdir(parents=True, exist_ok=True)
        material.make(self.pictures, _FRAMES).write(_MATERIAL)
        for cpu in CPUS:
            for environment in ENVIRONMENTS:
                board = Board(cpu, environment, self._folders)
                if not self.short or cpu == _FIRST:
                    self.device_tests(board)
                self.compare_scores(board)
        for cpu in CPUS:
            if not self.short:
                self.compare_pixels(Board(cpu, "litert"))
            if not self.short or cpu == _FIRST:
                self.compare_clip(Board(cpu, "litert"))
        self.follow_page(Board(_FIRST, "litert"))
        if not self.short:
            self.install_bundle(Board(_FIRST, "litert"))
        return all(step.passed for step in self.steps) and all(row.holds for rows in self.rows.values() for row in rows)

    def device_tests(self, board: Board) -> None:
        """Run tests/device on the board."""
        old = board.environment == "tflite-runtime"
        chosen = " and ".join([_QUICK] * self.short + [_WITHOUT_ONNX] * old)
        made_for = f"EDGEPROOF_DEVICE={','.join(ENVIRONMENTS[board.environment])}"
        words = ["env", made_for, "python3", "-m", "pytest", "tests/device", "-q", "-p", "no:cacheprovider"]
        words += ["-k", chosen] if chosen else []
        words += ["-W", _FLUSHED] if old else []
        self._ended(board, "tests/device", board.run(words))

    def compare_scores(self, board: Board) -> None:
        """Hold every score of every model against this machine's, interpreter by interpreter."""
        python = counterpart(board.environment)
        if python is None:
            self._console.warn(f"{board.environment} is not to be had for this machine's Python: scores not compared")
            return
        for interpreter in ENVIRONMENTS[board.environment]:
            models = [path for path in self.models if path.suffix == FORMATS[interpreter]]
            here, there = (_WORK / f"{interpreter}-{name}.npz" for name in ("here", board.cpu))
            words = ["tools/emulated/scores_here.py", interpreter, str(_MATERIAL)]
            paths = [str(path) for path in models]
            if not here.exists() or here.stat().st_mtime < _MATERIAL.stat().st_mtime:
                self._ended("this machine", f"scores of {interpreter}", run_here(python, [*words, str(here), *paths]))
            done = board.run(["python3", *words, str(there), *paths])
            self._ended(board, f"scores of {interpreter}", done)
            if done.code == 0:
                self.rows[f"{CPUS[board.cpu]}, {interpreter}"] = list(_score_rows(here, there, models))

    def compare_pixels(self, board: Board) -> None:
        """Hold decoding and resizing against this machine's."""
        here, there = (_WORK / f"pixels-{name}.npz" for name in ("here", board.cpu))
        words = ["tools/emulated/pixels_here.py", str(_MATERIAL)]
        self._ended("this machine", "pixels", run_here(Path(sys.executable), [*words, str(here)]))
        done = board.run(["python3", *words, str(there)])
        self._ended(board, "pixels", done)
        if done.code == 0:
            with np.load(here) as ours, np.load(there) as theirs:
                self.rows[f"{CPUS[board.cpu]}, OpenCV"] = compared.pixels(ours, theirs)

    def compare_clip(self, board: Board) -> None:
        """Hold the answers to an encoded clip, from the command line, against this machine's."""
        clip, model = str(_WORK / "clip.mp4"), str(_MODELS / "rps-int8.tflite")
        answer = ["-m", "edgeproof.edge", "run", model, clip, "--json", "--quiet"]
        make = ["-m", "edgeproof.edge", "run", model, f"hands:{_FRAMES}", "--save", clip, "--quiet"]
        self._ended("this machine", "make a clip", run_here(Path(sys.executable), make))
        here, there = run_here(Path(sys.executable), answer), board.run(["python3", *answer])
        self._ended("this machine", "run the clip", here)
        self._ended(board, "run the clip", there)
        if here.code == there.code == 0:
            ours, theirs = (
                np.array([json.loads(line)["scores"] for line in done.output.splitlines()]) for done in (here, there)
            )
            same = np.zeros(len(ours), bool)  # nothing tells whether the tensors differ
            self.rows[f"{CPUS[board.cpu]}, a clip"] = compared.scores(
                "rps-int8.tflite, clip.mp4", ours, theirs, 0.0, same
            )[1:]

    def follow_page(self, board: Board) -> None:
        """Run what docs/raspberry-pi.md tells a person to run, in one shell, without a network."""
        model = _MODELS / "rps-int8.tflite"
        shutil.rmtree(HOME)
        HOME.mkdir()  # a new Pi's
        for command in documented.commands(documented.PAGE.read_text(), model):
            self._ended(board, command, board.run(["sh", "-c", f"unset PYTHONPATH; cd {_ON_BOARD}; {command}"]))

    def install_bundle(self, board: Board) -> None:
        """Make a bundle here, and install it on the board: no network there, and none of the board's own packages."""
        model, archive = _MODELS / "rps-int8.tflite", _WORK / "bundle.tar"
        words = ["-m", "edgeproof.edge", "bundle", str(model), "--for", _TARGET, "--out", str(archive)]
        made = run_checkout(words)
        self._ended("this machine", "edgeproof bundle", made)
        if made.code != 0:
            return
        with tarfile.open(archive) as tar:
            tar.extractall(_WORK)  # noqa: S202 - ours
        install = f"unset PYTHONPATH; sh {_WORK / f'{model.stem}-{_TARGET}'}/install {_ON_BOARD}/edgeproof"
        self._ended(board, "install the bundle", board.run(["sh", "-c", install]))

    def _ended(self, board: Board | str, name: str, done: Done) -> None:
        step = Step(str(board), name, round(done.seconds, 1), done.code == 0, "" if done.code == 0 else done.tail())
        self.steps.append(step)
        self._console.say(f"{'pass' if step.passed else 'FAIL'}  {step.seconds:6.1f} s  {step.board}: {step.name}")
        if step.detail:
            self._console.say(step.detail)


_ON_BOARD = "/" + str(HOME.relative_to(PI / "root"))


def _score_rows(here: Path, there: Path, models: list[Path]) -> Iterator[Row]:
    with np.load(here) as ours, np.load(there) as theirs:
        for name in (path.name for path in models):
            limit = compared.FLOAT_LIMIT if "fp32" in name else 0.0
            differ = ours[f"tensors {name}"] != theirs[f"tensors {name}"]
            yield from compared.scores(name, ours[f"scores {name}"], theirs[f"scores {name}"], limit, differ)


def report(campaign: Campaign) -> str:
    """Give the comparison as a table."""
    lines: list[tuple[str, ...]] = [("compared", "on", "samples", "unequal", "largest", "allowed", "holds", "where")]
    for where, rows in campaign.rows.items():
        for row in rows:
            figures = (str(row.n), str(row.unequal), f"{row.largest:.3g}", f"{row.limit:g}")
            lines.append((row.name, where, *figures, "yes" if row.holds else "NO", row.worst))
    return table(lines)


def main() -> int:
    """Run the campaign; returns its exit code."""
    parser = argparse.ArgumentParser(prog="tools/pi check", description=__doc__)
    parser.add_argument(
        "models",
        nargs="*",
        type=lambda text: Path(text).resolve(),
        metavar="MODEL",
        help="files to compare (those of tests/models)",
    )
    parser.add_argument("--pictures", type=Path, metavar="FOLDER", help="photos to add to the generated pictures")
    parser.add_argument(
        "--short", action="store_true", help="without what takes long: some tests, and the resizing of large frames"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write what was found to this file")
    options = parser.parse_args()
    campaign = Campaign(options.models, options.pictures, short=options.short)
    holds = campaign.run()
    print(report(campaign))  # noqa: T201 - a command prints its result
    if options.json is not None:
        found = {"steps": campaign.steps, "rows": campaign.rows, "holds": holds}
        write_text(options.json, json.dumps(found, default=asdict, indent=1) + "\n")
    print(f"{len(campaign.steps)} steps; {'all of it holds' if holds else 'NOT all of it holds'}")  # noqa: T201
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
