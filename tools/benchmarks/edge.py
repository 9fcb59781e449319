"""`tools/bench edge`: the device's half, beside the bare interpreter, the usual script and MediaPipe."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

import cv2
import harness
from live import freshness, models, speed, start, viewers

_ROOT = Path(__file__).parents[2]


def main() -> None:
    """Measure, and print a table."""
    parser = harness.parser("edge", __doc__ or "")
    parser.set_defaults(rounds=10)
    parser.add_argument("--rps", type=Path, help="an int8 .tflite of rps, instead of one made here")
    parser.add_argument("--inception", type=Path, help="an int8 .tflite of inception, instead of one made here")
    parser.add_argument(
        "--mediapipe", type=Path, default=_ROOT / ".venv-mediapipe/bin/python", help="its environment's"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rps = options.rps or models.rps(folder)
        inception = options.inception or models.inception(folder)
        drawn = speed.frames()
        picture = folder / "frame.jpg"
        cv2.imwrite(str(picture), drawn[0])
        rows = []
        for threads in sorted({1, os.cpu_count() or 1}, reverse=True):
            rows += speed.measure("rps", rps, threads, options.rounds, (1.10, 1.15), drawn)
        rows += speed.measure("inception", inception, os.cpu_count() or 1, options.rounds, (1.03, 1.0), drawn)
        rows.append(speed.beside_mediapipe(rps, options.mediapipe, options.rounds, drawn, folder))
        rows += freshness.measure(max(1, options.rounds // 3))
        rows += viewers.measure(rps, drawn, max(1, options.rounds // 3))
        rows += start.measure(rps, picture, options.mediapipe, folder / "frames.npy", options.rounds)
    harness.report(rows, options.json, {"mediapipe": _version_of_mediapipe(options.mediapipe)})


def _version_of_mediapipe(python: Path) -> str:
    code = "from importlib.metadata import version; print(version('mediapipe'))"
    return subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.strip()  # noqa: S603


if __name__ == "__main__":
    main()
