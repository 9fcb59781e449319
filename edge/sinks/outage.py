"""An output whose disk is full or gone: one warning, a pause, and another try; the loop goes on meanwhile."""

from __future__ import annotations

import time
from pathlib import Path

from ..console import Console

PAUSE = 30.0  # seconds until the next try


class Outage:
    """The state of one output; `what` is its flag, which the warning names beside the file."""

    def __init__(self, what: str, console: Console, pause: float = PAUSE) -> None:
        self._what, self._console, self._pause = what, console, pause
        self._lasting = False
        self._until = 0.0

    @property
    def paused(self) -> bool:
        """Whether it is too early for another try."""
        return self._lasting and time.monotonic() < self._until

    def begin(self, path: Path, error: OSError) -> None:
        """Pause, and warn unless that was done in this outage."""
        self._until = time.monotonic() + self._pause
        known, self._lasting = self._lasting, True
        if not known:
            self._console.warn(
                f"{self._what}: expected to write {path}, received {error.strerror or error}; "
                f"tried again every {self._pause:g} s, the rest goes on"
            )

    def end(self, path: Path, lost: int) -> None:
        """Note that writing worked; `lost` is how many answers were not written until now."""
        known, self._lasting = self._lasting, False
        if known:
            self._console.say(f"{self._what}: {path} is written again, {lost} lost until now")
