"""What OpenCV's resize must compute, in numpy: by it, another resize is known, and how far it is off.

The arithmetic is that of OpenCV's own fixed-point code (modules/imgproc/src/resize.cpp), to the bit, so a device whose
OpenCV computes otherwise (a vendor's replacement, another version) is measured against the workstation's pixels without
having them.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..contract import Interpolation

Pixels = NDArray[np.uint8]

_WEIGHT = 2048  # what a weight of 1 is stored as


@dataclass(frozen=True)
class _Taps:
    """For each pixel of a resized line: the two pixels that it lies between, and their weights."""

    low: NDArray[np.int64]
    high: NDArray[np.int64]
    weight_low: NDArray[np.int32]
    weight_high: NDArray[np.int32]


def resized(frame: Pixels, height: int, width: int, interpolation: Interpolation) -> Pixels:
    """Resize a frame, uint8 of shape (any height, any width, channels), to (height, width, channels)."""
    if interpolation is Interpolation.LINEAR:
        return linear(frame, height, width)
    if interpolation is Interpolation.NEAREST:
        return nearest(frame, height, width)
    # Areas have no fixed-point code to follow; OpenCV's own is asked directly.
    return cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA)  # type: ignore[return-value]


def linear(frame: Pixels, height: int, width: int, *, from_centres: bool = True) -> Pixels:
    """Resize as INTER_LINEAR does; without `from_centres`, from the pixels' corners, as other libraries do."""
    values = frame.astype(np.int32)
    across = _taps(frame.shape[1], width, from_centres)
    # Beyond the first and the last column, there is nothing to weigh; rows are weighed with themselves there.
    edge = (across.low == across.high) | (across.high == 0)
    left = np.where(edge, _WEIGHT, across.weight_low)[:, None]
    right = np.where(edge, 0, across.weight_high)[:, None]
    rows = values[:, across.low] * left + values[:, across.high] * right
    down = _taps(frame.shape[0], height, from_centres)
    upper = (down.weight_low[:, None, None] * (rows[down.low] >> 4)) >> 16
    lower = (down.weight_high[:, None, None] * (rows[down.high] >> 4)) >> 16
    pixels: Pixels = ((upper + lower + 2) >> 2).astype(np.uint8)
    return pixels


def nearest(frame: Pixels, height: int, width: int) -> Pixels:
    """Resize as INTER_NEAREST does."""
    pixels: Pixels = frame[_nearest(frame.shape[0], height)][:, _nearest(frame.shape[1], width)]
    return pixels


def _nearest(size: int, wanted: int) -> NDArray[np.int64]:
    # The reciprocal of a quotient, as OpenCV has it: the other quotient is another number now and then.
    places: NDArray[np.int64] = (np.arange(wanted) * (1 / (wanted / size))).astype(np.int64)
    return np.minimum(places, size - 1)


def _taps(size: int, wanted: int, from_centres: bool) -> _Taps:
    half = 0.5 if from_centres else 0.0
    place = ((np.arange(wanted) + half) * (size / wanted) - half).astype(np.float32)
    low = np.floor(place).astype(np.int64)
    part = place - low.astype(np.float32)
    weights = (np.rint(share * np.float32(_WEIGHT)).astype(np.int32) for share in (np.float32(1) - part, part))
    return _Taps(np.clip(low, 0, size - 1), np.clip(low + 1, 0, size - 1), *weights)
