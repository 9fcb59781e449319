"""What a camera gives while it works and yet shows nothing: black, frozen, of another size, or far too slow."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..console import Console
from .frame import Frame, Source, Spare
from .stillness import StillError, Stillness

_HOLD = 1.5  # seconds that something must last before it is told
_INTERVAL = 0.2  # seconds between looks
_STEP = 16  # every so many pixels, in both directions
_BLACK = 8.0  # mean of the pixels; the noise of a covered lens stays below
_SLOW, _USUAL = 1.0, 0.25  # seconds between frames: what is far too long, and what is not
_SHORTER, _LONGER = 0.5, 0.1  # weights of the newest time between frames in the usual one, which the first ones exceed
_CALM = 0.8  # seconds of frames in time between two late ones, after which the second is told again


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


class Rhythm:
    """The time between a source's frames."""

    def __init__(self) -> None:
        self.usual: float | None = None  # seconds
        self._last: float | None = None
        self._late = -np.inf  # when a late frame came last

    def begins_to_lag(self, now: float) -> bool:
        """Count a frame; tells whether it came far later than usual, after a time without such."""
        before, self._last = self._last, now
        if before is None:
            return False
        gap = now - before
        if self.usual is not None and self.usual <= _USUAL and gap >= _SLOW:
            calm, self._late = before - self._late >= _CALM, now
            return calm
        usual = gap if self.usual is None else self.usual
        self.usual = usual + (_SHORTER if gap < usual else _LONGER) * (gap - usual)
        return False


class Watch:
    """Warns once per spell when a live source's frames are black, always the same or slow, or change their size.

    It looks at one pixel of 256, five times a second: a few microseconds.

    Args:
        source: what is watched.
        console: where it warns.
        stillness: how long frames may be the same before it raises, for somebody who opens the source again; without
            one it only warns.
    """

    def __init__(self, source: Source, console: Console, stillness: Stillness | None = None) -> None:
        self.live = source.live
        self._source, self._console, self._stillness = source, console, stillness
        self._shape: tuple[int, ...] | None = None
        self._sample: NDArray[np.generic] | None = None
        self._changed = -np.inf  # when the picture did, in seconds of time.monotonic
        self._due = -np.inf  # when to look next
        self._black, self._still, self._rhythm = Spell(_HOLD), Spell(_HOLD), Rhythm()

    def read(self, spare: Spare = None) -> Frame | None:
        """Wait for the next frame, and look at it.

        Raises:
            StillError: the frames have been the same for longer than they may.
        """
        frame = self._source.read(spare)
        if frame is not None:
            self._compare_size(frame)
            if self._rhythm.begins_to_lag(frame.captured):
                self._console.warn(
                    f"{frame.source}: its frames come more than {_SLOW:g} s apart, instead of {self._rhythm.usual:.2f}"
                )
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
        if self._black.begins(black, frame.captured):
            self._console.warn(f"{frame.source}: its frames are black; its lens is covered, or it is dark there")
        self._compare(sample, frame, black=black)

    def _compare(self, sample: NDArray[np.generic], frame: Frame, *, black: bool) -> None:
        still = self._sample is not None and np.array_equal(sample, self._sample)
        if self._sample is None:
            self._sample = sample.copy()
            if self._stillness is not None:
                self._stillness.opened(sample)
        elif not still:
            np.copyto(self._sample, sample)
        if not still:
            self._changed = frame.captured
        if self._stillness is None:
            if self._still.begins(still and not black, frame.captured):
                self._console.warn(
                    f"{frame.source}: its frames have been the same for {_HOLD:g} s; it may be frozen, and starting it "
                    "anew may help"
                )
        elif frame.captured - self._changed >= self._stillness.seconds:
            self._stillness.opening_again(sample)
            raise StillError(
                f"expected frames that change, received the same one for {self._stillness.seconds:g} s from "
                f"{frame.source}: it is frozen or was taken away"
            )
