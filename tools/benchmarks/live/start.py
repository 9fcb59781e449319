"""From the start of a process to its first answer, and how much memory it then holds."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from harness import Row, cost

_OURS = [sys.executable, "-m", "edgeproof.edge"]
_LAUNCHER = Path(__file__).with_name("launcher.py")
_MEDIAPIPE = Path(__file__).with_name("mediapipe_side.py")


@dataclass(frozen=True)
class Started:
    """Seconds to the first line, and peak resident memory in megabytes."""

    seconds: float
    megabytes: float


def measure(model: Path, picture: Path, python: Path, frames: Path, rounds: int) -> list[Row]:
    """Compare ours with its limits and with MediaPipe, in turn."""
    run = [*_OURS, "run", str(model), str(picture), "--json", "--quiet"]
    pairs = [
        (_started(run), _started([str(python), str(_MEDIAPIPE), str(model), str(frames)])) for _ in range(rounds + 1)
    ]
    pairs = pairs[1:]  # in the first, files are read from the disk
    seconds, memory = [one.seconds for one, _ in pairs], [one.megabytes for one, _ in pairs]
    usage = [_started([*_OURS, "run", "--help"]).seconds for _ in range(rounds + 1)][1:]
    return [
        cost("process start to first answer, against 0.5 s", seconds, [0.5], "s", 1),
        cost("process start to first answer, beside MediaPipe", seconds, [other.seconds for _, other in pairs], "s", 1),
        cost("resident memory, against 90 MB", memory, [90.0], "MB", 1),
        cost("resident memory, beside MediaPipe", memory, [other.megabytes for _, other in pairs], "MB", 1),
        cost("edgeproof run --help, against 0.15 s", usage, [0.15], "s", 1),
    ]


def _started(command: list[str]) -> Started:
    # A process counts the memory of the one that it was forked from as its own peak: it is started by a small one.
    done = subprocess.run([sys.executable, "-S", "-E", str(_LAUNCHER), *command], capture_output=True, check=True)  # noqa: S603 - ours
    return Started(**json.loads(done.stdout))
