"""The part of a processor's time that the page may take, however much is asked of it: the loop needs the rest."""

from __future__ import annotations

_BURST = 0.05  # seconds of work that may be done at once after a pause
_LONGEST = 0.1  # seconds of one rest


class Share:
    """Says for how long a thread has to rest; times are seconds, each of one clock.

    Args:
        part: of a processor's time, above 0 and up to 1.
    """

    def __init__(self, part: float) -> None:
        self._part, self._credit = part, _BURST
        self._now = self._worked = 0.0

    def rest(self, now: float, worked: float) -> float:
        """Give the seconds that are due for what the thread worked; `worked` is the processor's time of it so far."""
        self._credit += self._part * (now - self._now) - (worked - self._worked)
        self._credit = min(self._credit, _BURST)
        self._now, self._worked = now, worked
        return min(max(0.0, -self._credit / self._part), _LONGEST)
