"""What a camera gives while it works and yet shows nothing: black, frozen, or of another size."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..console import Console
from . import Frame, Source, Spare

_HOLD = 2.0  # seconds that something must last before it is told
_INTERVAL = 0.2  # seconds between looks
_STEP = 16  # every so many pixels, in both directions
_BLACK = 8.0  # mean of the pixels; the noise of a covered lens stays below


class Spell:
    """Tells once when something has lasted for `hold` seconds, and again only after it was away for as long."""

    def __init__(self, hold: float) -> None:
        self._hold = hold
        self._on = False
        self._since: float | None = None  # when the opposite of `_on` began

    def begins(self, happening: bool, now: float) -> bool:
        """Tell whether this is the moment to say so; `now` is in seconds."""
        if happening == self._on:
            self._since = None
            return False
        if self._since is None:
            self._since = now
        if now - self._since < self._hold:
            return False
        self._on, self._since = happening, None
        return happening


class Watch:
    """Warns once per spell when a live source's frames are black or always the same, or change their size.

    It looks at one pixel of 256, five times a second: a few microseconds.
    """

    def __init__(self, source: Source, console: Console) -> None:
        self.live = source.live
        self._source, self._console = source, console
        self._shape: tuple[int, ...] | None = None
        self._sample: NDArray[np.generic] | None = None
        self._due = -np.inf  # when to look next, in seconds of time.monotonic
        self._black, self._still = Spell(_HOLD), Spell(_HOLD)

    def read(self, spare: Spare = None) -> Frame | None:
        """Wait for the next frame, and look at it."""
        frame = self._source.read(spare)
        if frame is not None:
            self._compare_size(frame)
            if frame.captured >= self._due:
                self._due = frame.captured + _INTERVAL
                self._look(frame)
        return frame

    def close(self) -> None:
        """Close the source."""
        self._source.close()

    def _compare_size(self, frame: Frame) -> None:
        shape = frame.image.shape
        if shape != self._shape:
            if self._shape is not None:
                (height, width), (old_height, old_width) = shape[:2], self._shape[:2]
                self._console.warn(f"{frame.source}: frames are {width}x{height} now, no more {old_width}x{old_height}")
            self._shape, self._sample = shape, None

    def _look(self, frame: Frame) -> None:
        sample = frame.image[::_STEP, ::_STEP]
        black = float(sample.mean()) < _BLACK
        still = self._sample is not None and np.array_equal(sample, self._sample)
        if self._sample is None:
            self._sample = sample.copy()
        else:
            np.copyto(self._sample, sample)
        if self._black.begins(black, frame.captured):
            self._console.warn(f"{frame.source}: its frames are black; its lens is covered, or it is dark there")
        if self._still.begins(still and not black, frame.captured):
            self._console.warn(
                f"{frame.source}: its frames have been the same for {_HOLD:g} s; it may be frozen, and starting it "
                "anew may help"
            )
