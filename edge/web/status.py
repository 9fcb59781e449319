"""What the page shows beside an answer: the loop's own rate, how the collection grows, and how the match stands."""

from __future__ import annotations

from collections import deque
from typing import Any

from .arena import Arena
from .recorder import Recorder

_PACE = 30  # frames over which the loop's own rate is measured


class Status:
    """Says how things stand, to any thread.

    Args:
        recorder: of the collection; None where nothing is collected.
        arena: of the match; None where none is played.
    """

    def __init__(self, recorder: Recorder | None, arena: Arena | None) -> None:
        self._recorder, self._arena = recorder, arena
        self._answered: deque[float] = deque(maxlen=_PACE)

    def count(self, now: float) -> None:
        """Count one answer; `now` is in seconds of any clock."""
        self._answered.append(now)

    def whole(self) -> dict[str, Any]:
        """Say all."""
        return self._said(None if self._recorder is None else self._recorder.state())

    def news(self) -> dict[str, Any]:
        """Say the same, of a collection only what changed last: a header holds no more."""
        return self._said(None if self._recorder is None else self._recorder.news())

    def _said(self, collect: dict[str, Any] | None) -> dict[str, Any]:
        said: dict[str, Any] = {"rate": _per_second(tuple(self._answered))}
        if collect is not None:
            said["collect"] = collect
        if self._arena is not None:
            said["game"] = self._arena.state()
        return said


def _per_second(times: tuple[float, ...]) -> float | None:
    if len(times) < 2 or times[-1] == times[0]:
        return None
    return round((len(times) - 1) / (times[-1] - times[0]), 1)
