"""Images that are written over, so that a loop that runs for months allocates nothing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .frame import Spare

Image = NDArray[np.uint8]


def reusable(spare: Spare) -> Image | None:
    """Give back what OpenCV can write a frame into: a whole, contiguous BGR image of uint8; else None.

    Where its height or width is not that of the next frame, OpenCV leaves it alone and makes a new one.
    """
    if spare is None or spare.dtype != np.uint8 or spare.ndim != 3 or spare.shape[2] != 3:
        return None
    flags = spare.flags
    return spare if flags.c_contiguous and flags.writeable else None  # type: ignore[return-value]  # uint8


def copied(image: Image, spare: Spare) -> Image:
    """Copy an image, into `spare` where that fits."""
    kept = reusable(spare)
    if kept is None or kept.shape != image.shape:
        return image.copy()
    np.copyto(kept, image)
    return kept
