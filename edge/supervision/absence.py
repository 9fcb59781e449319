"""Whether a live source gives frames: told once when it stops, and once when it goes on."""

from __future__ import annotations

import threading
import time

from ..console import Console

_PATIENCE = 10.0  # seconds, after which another reason for the same absence is worth a line
_MOST_REASONS = 5  # in one absence


class Absence:
    """The time without frames of one source, as the capture thread and the loop both see it.

    Whoever sees first that something is wrong says so; the other is silent about it.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lock = threading.Lock()
        self._since: float | None = None  # in seconds of time.monotonic
        self._said: set[str] = set()

    def begin(self, line: str) -> None:
        """Warn that no frames come, unless that is known; of a long absence, another reason is told too."""
        with self._lock:
            now = time.monotonic()
            if self._since is None:
                self._since = now
                self._said.clear()
            elif now - self._since < _PATIENCE or line in self._said or len(self._said) >= _MOST_REASONS:
                return
            self._said.add(line)
        self._console.warn(line)

    def end(self, source: str) -> None:
        """Say that a frame came, where none did for a while."""
        with self._lock:
            since, self._since = self._since, None
        if since is not None:
            self._console.say(f"{source}: frames again after {time.monotonic() - since:.1f} s")
