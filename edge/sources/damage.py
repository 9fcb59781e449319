"""Frames that cannot be decoded: left out, named once, counted at the end."""

from __future__ import annotations

import math
import time

from ..console import Console
from ..errors import InputError

_MOST_IN_A_ROW = 100  # frames; what gives nothing else is no camera any more
_LONGEST, _FEW = 2.5, 5  # seconds, for which not so many frames in a row may be damaged
_CALM = 5.0  # seconds without damage, after which the next is told again


class Damage:
    """Counts the damaged frames of one source."""

    def __init__(self, source: str, console: Console) -> None:
        self.count = 0  # since the source was opened
        self._source, self._console = source, console
        self._in_a_row = 0
        self._since = self._last = -math.inf  # in seconds of time.monotonic: of those in a row, and of all

    def note(self) -> None:
        """Count one; the first is warned of, and so is one after a time without.

        Raises:
            InputError: nothing else came for a long time.
        """
        now = time.monotonic()
        if now - self._last > _CALM:
            before = f", after {self.count} before" if self.count else ""
            self._console.warn(
                f"{self._source}: a damaged frame was left out{before}; more are counted, and told at the end"
            )
        self._since = self._since if self._in_a_row else now
        self._last = now
        self.count += 1
        self._in_a_row += 1
        if self._in_a_row >= _MOST_IN_A_ROW or (self._in_a_row >= _FEW and now - self._since >= _LONGEST):
            raise InputError(
                f"expected a frame that can be decoded, received {self._in_a_row} damaged ones in a row from "
                f"{self._source}; check its cable and its pixel format"
            )

    def over(self) -> None:
        """Say that a good frame came."""
        self._in_a_row = 0

    def close(self) -> None:
        """Tell how many there were, where it was more than the one that was named."""
        if self.count > 1:
            self._console.warn(f"{self._source}: {self.count} damaged frames were left out")
        self.count = 0
