"""An output whose disk is full or gone: one warning, a pause, and another try; the loop goes on meanwhile."""

from __future__ import annotations

import time
from pathlib import Path

from ..console import Console

PAUSE = 30.0  # seconds until the next try


class Outage:
    """The state of one output; `what` is its flag, which the warning names beside the file."""

    def __init__(self, what: str, console: Console, pause: float = PAUSE) -> None:
        self.lost = 0  # answers that came while it could not be written
        self._what, self._console, self._pause = what, console, pause
        self._lasting = False
        self._until = 0.0

    @property
    def paused(self) -> bool:
        """Whether it is too early for another try."""
        return self._lasting and time.monotonic() < self._until

    def lose(self) -> None:
        """Count an answer that is not written."""
        self.lost += 1

    def begin(self, path: Path, error: OSError) -> None:
        """Count an answer that could not be written, pause, and warn unless that was done in this outage."""
        self.lose()
        self._until = time.monotonic() + self._pause
        if not self._lasting:
            self._console.warn(
                f"{self._what}: expected to write {path}, received {error.strerror or error}; "
                f"tried again every {self._pause:g} s, the rest goes on"
            )
        self._lasting = True

    def end(self, path: Path) -> None:
        """Note that writing worked."""
        if self._lasting:
            self._console.say(f"{self._what}: {path} is written again, {self.lost} lost until now")
        self._lasting = False
