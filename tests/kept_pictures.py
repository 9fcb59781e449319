"""Pictures in a folder, and what keeps them there."""

from __future__ import annotations

import time
from pathlib import Path

from answers import answer, until
from edgeproof.edge.preprocess import Pixels
from edgeproof.edge.sinks.pictures import PictureFolder

LARGE = 10_000_000


def files(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def put(
    folder: PictureFolder, label: str, score: float, *, image: Pixels | None = None, foldered: bool = False
) -> None:
    """Keep a picture, and wait until it was written or could not be."""
    before = folder.kept + folder.dropped
    folder.put(answer(image=image, captured=time.monotonic()), label, score, foldered=foldered)
    until(lambda: folder.kept + folder.dropped > before, "no picture")


def end(folder: PictureFolder) -> None:
    """End the thread that a close has left behind, or it would go on within the next test."""
    folder._queue.put(None)
    folder._thread.join()
