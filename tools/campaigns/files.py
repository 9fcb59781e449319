"""The campaign of hostile model files: thousands of mutants, opened the way `edgeproof` does."""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import figures
from files_mutants import Class, Mutant, mutants
from files_process import DiedError, HungError, Worker

_HERE = Path(__file__).parent
_MODELS = _HERE.parents[1] / "tests" / "models"
_PATIENCE = 180.0  # seconds for one file; its child has 60 of processor time and 120 of the clock
_MEMORY = 700.0  # MB of the main process; a golden model takes 120, and members and contracts 40 of what they may be
_COMMANDS = (("info",), ("check",), ("run", "hands:1", "--quiet"))
_WALL = 240.0  # seconds for one command


class Tally:
    """What became of the files."""

    def __init__(self) -> None:
        self.outcomes: Counter[tuple[Class, str]] = Counter()
        self.bare: Counter[tuple[str, str]] = Counter()
        self.commands: Counter[str] = Counter()
        self.peak = 0.0
        self.longest = 0.0
        self.findings: list[str] = []

    def count(self, outcome: str, kind: Class | None = None) -> int:
        """Count files of an outcome, of one class or of all."""
        return sum(n for (each, word), n in self.outcomes.items() if word == outcome and kind in (None, each))

    def of(self, kind: Class) -> int:
        """Count the files of a class."""
        return sum(n for (each, _), n in self.outcomes.items() if each is kind)


class Campaign:
    """Opens mutants in worker processes, and a sample of them by the command line."""

    def __init__(self, folder: Path, commands: int, bare: bool) -> None:
        self._folder, self._commands, self._is_bare = folder, commands, bare
        environment = {"STATE_DIRECTORY": str(folder / "state")}
        self._environment = environment
        self._worker = Worker(_HERE / "files_worker.py", _PATIENCE, environment)
        self._bare = Worker(_HERE / "files_bare.py", _PATIENCE, environment)
        self.tally = Tally()

    def run(self, count: int, seed: int, minutes: float) -> None:
        """Open mutants until all are done or the time is over."""
        end = time.monotonic() + minutes * 60
        rng = random.Random(seed)  # noqa: S311 - a seeded choice
        sampled = set(rng.sample(range(count), min(count, self._commands)))
        for mutant in mutants(_MODELS, count, seed):
            if time.monotonic() > end:
                break
            path = self._folder / f"mutant.{mutant.format.value}"
            path.write_bytes(mutant.data)
            self._open(mutant, path)
            if mutant.number in sampled:
                self._command(mutant, path)
            if self._is_bare and mutant.network is not None:
                path.write_bytes(mutant.network)
                self.tally.bare[mutant.format.value, self._asked_bare(path, mutant)] += 1

    def close(self) -> None:
        """End the workers."""
        self._worker.close()
        self._bare.close()

    def _open(self, mutant: Mutant, path: Path) -> None:
        start = time.monotonic()
        outcome, message = "", ""
        try:
            answer = json.loads(self._worker.ask(str(path), mutant.is_foreign))
            outcome, message = answer["outcome"], answer["message"]
            self.tally.peak = max(self.tally.peak, answer["peak"])
        except DiedError as error:
            outcome, message = "died", str(error)
        except HungError:
            outcome = "hung"
        self.tally.longest = max(self.tally.longest, time.monotonic() - start)
        if outcome == "refused" and ("\n" in message or not message.isprintable() or len(message) > 2000):
            outcome = "not one line"
        self.tally.outcomes[mutant.kind, outcome] += 1
        if outcome not in ("ran", "refused") or (mutant.kind is Class.FLIP and outcome == "ran"):
            self.tally.findings.append(f"{mutant.number} {mutant.kind.value} {mutant.seed}: {outcome} {message[-400:]}")

    def _asked_bare(self, path: Path, mutant: Mutant) -> str:
        try:
            return self._bare.ask(str(path), mutant.format.value).strip()
        except (DiedError, HungError):
            return "died"

    def _command(self, mutant: Mutant, path: Path) -> None:
        """Give a file to the command itself: a code from 0 to 3, no traceback, one line of error where it is 2."""
        name, *words = _COMMANDS[mutant.number % len(_COMMANDS)]
        labels = ["--labels", "paper,rock,scissors"] if mutant.is_foreign and name == "run" else []
        command = [sys.executable, "-m", "edgeproof.edge", name, str(path), *words, *labels]
        try:
            done = subprocess.run(  # noqa: S603 - ourselves
                command,
                capture_output=True,
                timeout=_WALL,
                check=False,
                env={**os.environ, **self._environment},
            )
        except subprocess.TimeoutExpired:
            self.tally.commands["hung"] += 1
            self.tally.findings.append(f"{mutant.number} {mutant.kind.value}: edgeproof {name} hung")
            return
        outcome = judged(done.returncode, done.stderr.decode(errors="replace"))
        self.tally.commands[outcome] += 1
        if outcome == "bad":
            self.tally.findings.append(f"{mutant.number} {mutant.kind.value}: {name} {done.returncode} {done.stderr!r}")


def judged(code: int, error: str) -> str:
    """Judge how a command ended: "good" with an answer, "refused" in one line and with code 2, or "bad"."""
    lines = [line for line in error.splitlines() if not line.startswith("warning: ")]
    if "Traceback" in error or code not in (0, 1, 2, 3):
        return "bad"
    if code == 2:
        return "refused" if len(lines) == 1 and lines[0].startswith("error: ") else "bad"
    return "good"


def results(tally: Tally, count: int) -> list[figures.Figure]:
    """Give the figures, with their goals."""
    done = sum(tally.outcomes.values())
    flips = tally.of(Class.FLIP)
    rows = [
        figures.at_least("files opened", done, "files", count),
        figures.at_most("main process crashed", tally.count("died"), "files", 0),
        figures.at_most("main process hung", tally.count("hung"), "files", 0),
        figures.at_most("tracebacks", tally.count("raised"), "files", 0),
        figures.at_most("refusals that are not one printable line", tally.count("not one line"), "files", 0),
        figures.at_most("memory of the main process, at most", tally.peak, "MB", _MEMORY),
        figures.at_most("the longest that a file took", tally.longest, "s", _PATIENCE),
        figures.at_least(
            "flipped bits refused, sealed files", 100 * tally.count("refused", Class.FLIP) / max(1, flips), "%", 100
        ),
        figures.at_most(
            "commands that ended otherwise than in one line", tally.commands["bad"] + tally.commands["hung"], "files", 0
        ),
        _seen("commands tried", sum(tally.commands.values()), "files"),
    ]
    refused = [_seen(f"refused: {kind.value}", tally.count("refused", kind), f"of {tally.of(kind)}") for kind in Class]
    return [*rows, *refused, *_bare_rows(tally)]


def _bare_rows(tally: Tally) -> list[figures.Figure]:
    runtimes = {"tflite": "ai-edge-litert", "onnx": "onnxruntime"}
    totals = {kind: sum(n for (each, _), n in tally.bare.items() if each == kind) for kind in runtimes}
    return [
        _seen(f"bare {name} {word}", 100 * tally.bare[kind, word] / totals[kind], f"% of {totals[kind]}")
        for kind, name in runtimes.items()
        for word in ("died", "hung", "ran")
        if totals[kind]
    ]


def _seen(name: str, seen: float, unit: str) -> figures.Figure:
    return figures.Figure(name, seen, unit, "–", True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the campaign; returns its exit code."""
    parser = figures.parser("files", "Damaged and forged model files, opened as edgeproof opens them.", 10_000, 60)
    parser.add_argument("--commands", type=int, default=300, help="how many of them by the command line too (300)")
    parser.add_argument("--bare", action=argparse.BooleanOptionalAction, default=True, help="the bare runtimes too")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="edgeproof-files-") as folder:
        campaign = Campaign(Path(folder), options.commands, options.bare)
        try:
            campaign.run(options.count, options.seed, options.minutes)
        finally:
            campaign.close()
    for finding in campaign.tally.findings:
        sys.stderr.write(finding + "\n")
    return figures.report(results(campaign.tally, options.count), options.json)


if __name__ == "__main__":
    sys.exit(main())
