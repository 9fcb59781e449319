"""`tools/bench memory`: the peak memory of a training, which is not to grow with the number of pictures."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import cv2
import harness
import numpy as np

from edgeproof.edge.console import Console
from edgeproof.edge.hands import hand_pictures

_DRAWN = 300  # hands; the other pictures are these, moved and with noise of their own
_LIMIT = 2.0  # GB
_SHIFT = 20  # pixels


def main() -> None:
    """Measure, and print a table."""
    parser = harness.parser("memory", __doc__ or "")
    parser.add_argument("--pictures", type=int, default=100_000, help="how many to train with (100,000)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        data = _draw(Path(name) / "hands", options.pictures)
        peak = _peak(["rps", "--data", str(data), "--epochs", "1", "--out", str(Path(name) / "run")])
    title = f"peak memory of rps, 150×150, {options.pictures:,} pictures"
    harness.report([harness.cost(title, [peak], [_LIMIT], "GB", 1.0)], options.json)


def _draw(folder: Path, count: int) -> Path:
    rng = np.random.default_rng(0)
    drawn = list(hand_pictures(_DRAWN, 0, 120, 160))
    for label, _ in drawn:
        (folder / label).mkdir(parents=True, exist_ok=True)
    with Console().progress("drawing hands", count) as progress:
        for index in range(count):
            label, picture = drawn[index % len(drawn)]
            moved = np.roll(picture, rng.integers(-_SHIFT, _SHIFT, 2), (0, 1))
            noise = rng.integers(0, 12, picture.shape, np.uint8)
            cv2.imwrite(str(folder / label / f"{index:06}.jpg"), cv2.add(moved, noise))
            progress.advance()
    return folder


def _peak(words: list[str]) -> float:
    """Train in a process of its own; gives the most memory that it held, in GB."""
    command = [sys.executable, "-m", "edgeproof.edge", "train", *words]
    process = subprocess.Popen(command)  # noqa: S603 - ours
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"expected a training that ends well, received status {status}")
    return usage.ru_maxrss / 1e6


if __name__ == "__main__":
    main()
