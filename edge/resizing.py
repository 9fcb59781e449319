"""Resizing, to the same bits on every processor.

OpenCV hands some sizes to a vendor's code where the build has it, and that may round otherwise: the wheels of OpenCV 5
for aarch64 have KleidiCV, which differs from OpenCV's own INTER_LINEAR by up to 2 of 255 where a frame becomes narrower
by less than a factor of 3, as 640×480 does at 224×224. No vendor's code takes more than four channels, though. So where
it differs, a frame is resized beside itself, as six channels, by OpenCV's own code, and the first three are kept; where
a frame is halved, which OpenCV does in a way of its own for three channels, that is done here.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

_VENDORS = ("carotene", "KleidiCV")  # as OpenCV names them in what it says of its build
_SIZES = 1024  # that are remembered


class Resizer:
    """Resizes frames to one size, in memory of its own; for one thread at a time.

    Args:
        size: width and height of the result, in pixels.
        interpolation: one of OpenCV's INTER_ constants.
    """

    def __init__(self, size: tuple[int, int], interpolation: int) -> None:
        self._size, self._interpolation = size, interpolation
        self._vendor = has_vendor()
        self._resized: Pixels | None = None
        self._wide: Pixels | None = None
        self._wide_resized: Pixels | None = None

    def resize(self, frame: Pixels, out: Pixels | None = None) -> Pixels:
        """Resize a frame of shape (any height, any width, 3).

        Args:
            frame: uint8.
            out: where to write, uint8 of shape (height, width, 3), contiguous; where None, in memory that the next call
                writes to again.

        Returns:
            `out`, or that memory.
        """
        target = self._resized if out is None else out
        if self._vendor and differs(frame.shape[0], frame.shape[1], self._size, self._interpolation):
            target = self._by_own_code(frame, target)
        else:
            target = cv2.resize(frame, self._size, target, 0, 0, self._interpolation)  # type: ignore[assignment]
        if out is None:
            self._resized = target
        return target  # type: ignore[return-value]  # uint8, as the frame

    def _by_own_code(self, frame: Pixels, target: Pixels | None) -> Pixels:
        if target is None:
            target = np.empty((self._size[1], self._size[0], 3), np.uint8)
        if _halves(frame.shape[0], frame.shape[1], self._size):
            np.copyto(target, halved(frame))
            return target
        shape = (*frame.shape[:2], 6)
        if self._wide is None or self._wide.shape != shape:
            self._wide = np.empty(shape, np.uint8)
        np.concatenate((frame, frame), axis=2, out=self._wide)
        self._wide_resized = cv2.resize(self._wide, self._size, self._wide_resized, 0, 0, self._interpolation)  # type: ignore[assignment]
        np.copyto(target, self._wide_resized[..., :3])  # type: ignore[index]  # was just made
        return target


def halved(frame: Pixels) -> Pixels:
    """Average each 2×2 pixels, a half rounded up, as OpenCV's own INTER_LINEAR does where it halves three channels."""
    wide = frame.astype(np.uint16)
    columns = wide[:, 0::2] + wide[:, 1::2]
    return ((columns[0::2] + columns[1::2] + 2) >> 2).astype(np.uint8)


def _halves(height: int, width: int, size: tuple[int, int]) -> bool:
    return (height, width) == (2 * size[1], 2 * size[0])


@lru_cache(maxsize=1)
def has_vendor() -> bool:
    """Tell whether this OpenCV may hand work to code that rounds otherwise."""
    build = cv2.getBuildInformation()
    return any(vendor in build for vendor in _VENDORS)


@lru_cache(maxsize=_SIZES)
def differs(height: int, width: int, size: tuple[int, int], interpolation: int) -> bool:
    """Tell whether frames of a size are resized otherwise than by OpenCV's own code; asked once per size, of noise.

    Only INTER_LINEAR is asked about: nearest neighbours have nothing to round, and for averages of areas OpenCV's own
    code takes no more than four channels either.
    """
    if interpolation != cv2.INTER_LINEAR:
        return False
    noise = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    if _halves(height, width, size):
        own = halved(noise)
    else:
        own = cv2.resize(np.concatenate((noise, noise), axis=2), size, None, 0, 0, interpolation)[..., :3]  # type: ignore[assignment]
    return not np.array_equal(cv2.resize(noise, size, None, 0, 0, interpolation), own)
