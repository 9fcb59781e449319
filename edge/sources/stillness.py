"""How long a camera's frames may stay the same: some drivers give the last one for ever when the camera is gone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError

CAMERA = 1.5  # seconds; the noise of a sensor alone changes every frame
STREAM = 30.0  # an encoder leaves out what does not change, and that a stream lives shows by its bytes
_LONGEST = 600.0
_ALIKE = 3.0  # mean difference of two pictures of one scene, in steps of 255


class StillError(InputError):
    """A camera whose frames are always the same one."""


class Stillness:
    """The seconds after which it is worth opening a camera again; it learns from what that brings.

    Where the picture is the same one afterwards, the scene stands still and nothing was wrong: it waits twice as long
    the next time. Where it is another one, the camera was frozen indeed.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._first = seconds
        self._before: NDArray[np.generic] | None = None  # when it was opened again

    @property
    def is_usual(self) -> bool:
        """Whether it was found before that nothing was wrong."""
        return self.seconds > self._first

    def opening_again(self, sample: NDArray[np.generic]) -> None:
        """Remember the picture that stood still."""
        self._before = sample.copy()

    def opened(self, sample: NDArray[np.generic]) -> None:
        """Compare it with the first picture afterwards."""
        before, self._before = self._before, None
        if before is None:
            return
        if before.shape == sample.shape and _difference(before, sample) < _ALIKE:
            self.seconds = min(self.seconds * 2, _LONGEST)
        else:
            self.seconds = self._first


def _difference(before: NDArray[np.generic], after: NDArray[np.generic]) -> float:
    return float(np.abs(before.astype(np.float32) - after.astype(np.float32)).mean())
