"""How often something happens at most."""

from __future__ import annotations


class Pace:
    """Says when the next turn is; times are seconds of one clock."""

    def __init__(self, interval: float) -> None:
        self._interval, self._next = interval, 0.0

    def due(self, now: float) -> bool:
        """Tell whether it is time."""
        return now >= self._next

    def taken(self, now: float) -> None:
        """Note a turn.

        The next one is counted from when this one was due, or 25 a second would make 15 of a camera's 30; but after a
        pause from now, or it would be made up for by two at once.
        """
        late = now - self._next
        self._next = (self._next if late < self._interval else now) + self._interval
