"""Frames that cannot be decoded: left out, named once, counted at the end."""

from __future__ import annotations

from ..console import Console
from ..errors import InputError

_MOST_IN_A_ROW = 100  # frames; what gives nothing else is no camera any more


class Damage:
    """Counts the damaged frames of one source."""

    def __init__(self, source: str, console: Console) -> None:
        self.count = 0  # since the source was opened
        self._source, self._console = source, console
        self._in_a_row = 0

    def note(self) -> None:
        """Count one; the first is warned of.

        Raises:
            InputError: nothing else came for a long time.
        """
        self.count += 1
        self._in_a_row += 1
        if self.count == 1:
            self._console.warn(f"{self._source}: a damaged frame was left out; more are counted, and told at the end")
        if self._in_a_row >= _MOST_IN_A_ROW:
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
