"""A match on the page: the loop shows it labels, the server asks how it stands."""

from __future__ import annotations

import threading
import time
from typing import Any

from ..answer import Answer
from ..game.match import Match
from ..game.rules import Hand


class Arena:
    """A match that two threads may use, on the clock of frames."""

    def __init__(self, match: Match) -> None:
        self._match, self._lock = match, threading.Lock()

    def offer(self, answer: Answer) -> None:
        """Show the match what is shown of a frame."""
        with self._lock:
            self._match.advance(time.monotonic())
            if self._match.reads:
                self._match.see(answer.label, answer.frame.captured)

    def start(self) -> None:
        """Begin a match, or another one."""
        with self._lock:
            self._match.start(time.monotonic())

    def state(self) -> dict[str, Any]:
        """Show how the match stands; the computer's hand is in it once the person's was read."""
        with self._lock:
            now = time.monotonic()
            self._match.advance(now)
            state = self._match.state(now)
        return {
            "phase": state.phase.value,
            "left": round(state.left, 3),
            "best_of": state.best_of,
            "person": state.person,
            "computer": state.computer,
            "given_up": state.given_up,
            "rounds": [
                {"person": _name(played.person), "computer": played.computer.value, "outcome": played.outcome.value}
                for played in state.rounds
            ],
        }


def _name(hand: Hand | None) -> str | None:
    return None if hand is None else hand.value
