"""Pictures that lie as rows in arrays of pixels, with class numbers beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from .source import Picture, Side

ArrayRows = Callable[[], Iterator[NDArray[np.uint8]]]

MOST = 100_000_000  # pictures; more is a damaged head rather than a data set


def side_of(rows: ArrayRows, numbers: NDArray[Any], names: Mapping[int, str]) -> Side:
    """Make a side of rows of pixels.

    Args:
        rows: starts to read the pictures: uint8 of shape (height, width) or (height, width, 1), gray, or
            (height, width, 3), RGB.
        numbers: the class number of each row, integers of shape (n,).
        names: the folder name of each class number.
    """

    def pictures() -> Iterator[Picture]:
        for pixels, number in zip(rows(), numbers, strict=True):
            yield Picture(names[int(number)], png(pixels))

    return Side(len(numbers), pictures)


def png(pixels: NDArray[np.uint8]) -> bytes:
    """Encode gray or RGB pixels, shaped as for `side_of`, as PNG, which loses nothing."""
    colour = pixels.ndim == 3 and pixels.shape[2] == 3
    return encoded(cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR) if colour else pixels)


def encoded(pixels: MatLike) -> bytes:
    """Encode gray or BGR pixels, OpenCV's own order, as PNG."""
    written, data = cv2.imencode(".png", pixels)
    if not written:
        raise ValueError(f"expected pixels that PNG can hold, received {pixels.dtype} of shape {pixels.shape}")
    return data.tobytes()
