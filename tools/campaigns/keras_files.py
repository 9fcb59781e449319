"""Hostile Keras and ONNX files through `export` and `parity`, on a workstation that is watched.

Each must be refused in one line, with exit code 2; nothing may be executed, and none of the canaries, which the files
point at, may be opened. What they hold would run, or be read, if it were loaded as Keras loads it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import figures

_COUNT, _MINUTES = 50, 15.0  # files at least
_SHOWN = 20
_ENVIRONMENT = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
_OPTIONS = ("--labels", "paper,rock", "--range", "0..1", "--quiet")


@dataclass(frozen=True)
class Answer:
    """What came of one command line; a code of None where the process ended with it."""

    words: list[str]
    code: int | None
    said: list[str]
    touched: list[str]

    @property
    def name(self) -> str:
        """The command and the hostile file."""
        return f"{self.words[0]} {Path(self.words[-1]).name}"

    @property
    def is_refused(self) -> bool:
        """Tell whether it is one line and exit code 2."""
        errors = [line for line in self.said if line.startswith("error: ")]
        return self.code == 2 and len(errors) == 1 and not any("Traceback" in line for line in self.said)


def make(folder: Path) -> tuple[list[Path], Path, Path]:
    """Make the files; gives them, a good one and the canaries' folder."""
    import keras

    from keras_archives import take_apart, write
    from keras_others import write_h5, write_onnx

    canary, files = folder / "canary", folder / "files"
    files.mkdir()
    _make_canaries(canary)
    good = folder / "good.keras"
    layers = [keras.Input((8, 8, 3)), keras.layers.Flatten(), keras.layers.Dense(2, "softmax")]
    keras.Sequential(layers).save(good)
    parts = take_apart(good, canary)
    return [*write(files, parts), *write_h5(files, parts), *write_onnx(files, canary)], good, canary


def _make_canaries(folder: Path) -> None:
    import h5py
    import numpy as np

    folder.mkdir()
    for name in ("secret.txt", "secret.bin"):
        (folder / name).write_bytes(bytes(range(256)) * 16)
    with h5py.File(folder / "secret.h5", "w") as file:
        file["secret"] = np.ones((192, 2), np.float32)
    (folder / "saved_model").mkdir()
    (folder / "saved_model" / "saved_model.pb").write_bytes(b"")
    (folder / "canary_module.py").write_text("class Evil: pass\n", "ascii")


def commands(files: Sequence[Path], good: Path, pictures: Path, out: Path) -> list[list[str]]:
    """List the command lines: each file exported where it can be, and held against a good one."""
    found = []
    for file in files:
        if file.suffix != ".onnx":
            found.append(["export", "--int8", "--calibration", str(pictures), "--out", str(out), *_OPTIONS, str(file)])
        found.append(["parity", "--data", str(pictures), *_OPTIONS, str(good), str(file)])
    return found


def run(lines: Sequence[list[str]], canary: Path, folder: Path, deadline: float) -> list[Answer]:
    """Run command lines in a process, and in another one where that has ended with one of them."""
    found: list[Answer] = []
    while len(found) < len(lines) and time.monotonic() < deadline:
        listed = folder / "commands"
        listed.write_text("".join(json.dumps(words) + "\n" for words in lines[len(found) :]), "utf-8")
        victim = [sys.executable, str(Path(__file__).with_name("keras_victim.py")), str(canary), str(listed)]
        with subprocess.Popen(  # noqa: S603 - ours
            victim, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_environment(canary), text=True
        ) as process:
            try:
                told, _ = process.communicate(timeout=max(1.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                told, _ = process.communicate()
        answers = [json.loads(line) for line in told.splitlines()]
        found += [Answer(lines[len(found) + index], **answer) for index, answer in enumerate(answers)]
        if process.returncode and len(found) < len(lines):
            found.append(Answer(lines[len(found)], None, [f"the process ended with {process.returncode}"], []))
    return found


def _environment(canary: Path) -> dict[str, str]:

    return {**os.environ, **_ENVIRONMENT, "PYTHONPATH": str(canary)}  # so that canary_module is there to be imported


def draw(folder: Path) -> Path:
    """Draw pictures of two labels."""
    import cv2
    import numpy as np

    rng = np.random.default_rng(0)
    for label in ("paper", "rock"):
        (folder / label).mkdir(parents=True)
        for number in range(12):
            cv2.imwrite(str(folder / label / f"{number}.png"), rng.integers(0, 255, (16, 16, 3), np.uint8))
    return folder


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the campaign; returns the exit code."""
    parser = figures.parser("keras_files", "Hostile .keras, .h5 and .onnx files on the workstation.", _COUNT, _MINUTES)
    parser.add_argument("--said", action="store_true", help="tell what each command said")
    parser.add_argument("--files", help="names that begin so, alone: A,B,…")
    options = parser.parse_args(arguments)
    deadline = time.monotonic() + options.minutes * 60
    with tempfile.TemporaryDirectory(prefix="keras-") as name:
        folder = Path(name)
        files, good, canary = make(folder)
        if options.files:
            files = [path for path in files if path.name.startswith(tuple(options.files.split(",")))]
        before = {path.name for path in canary.iterdir()}
        lines = commands(files, good, draw(folder / "pictures"), folder / "out")
        answers = run(lines, canary, folder, deadline)
        strange = {path.name for path in canary.iterdir()} - before
        written = sorted(path.name for path in (folder / "out").rglob("*")) if (folder / "out").exists() else []
    bad = [answer for answer in answers if not answer.is_refused or answer.touched][:_SHOWN]
    for answer in answers if options.said else bad:
        print(answer.name, answer.code, answer.said, answer.touched, file=sys.stderr)  # noqa: T201 - a program
    seen = [
        figures.at_least("hostile files", len(files), "files", options.count),
        figures.at_least("commands that were run", len(answers), "commands", len(lines)),
        figures.at_most(
            "not refused in one line and exit 2", sum(not one.is_refused for one in answers), "commands", 0
        ),
        figures.at_most("ended the process", sum(one.code is None for one in answers), "commands", 0),
        figures.at_most("executed, read or connected", sum(bool(one.touched) for one in answers), "commands", 0),
        figures.at_most("files written outside", len(strange) + len(written), "files", 0),
    ]
    return figures.report(seen, options.json)


if __name__ == "__main__":
    sys.exit(main())
