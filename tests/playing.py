"""A match on the page, on a clock that a test moves: no round is missed because a machine is busy."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from clock import Clock
from edgeproof.edge.answer import Answer
from edgeproof.edge.game import match
from edgeproof.edge.preprocess import Pixels
from edgeproof.edge.web import arena
from web_site import answer, until


class Playing:
    """Frames of a hand, and the time of the match."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, image: Pixels, label: str) -> None:
        self.clock = Clock()
        self.clock.now = time.monotonic()
        self._image, self._label, self._made = image, label, 0
        monkeypatch.setattr(arena, "time", self.clock)

    def make(self, index: int) -> Answer:
        """Make the answer of one frame, which was taken now."""
        made = answer(self._image, index, self._label)
        self._made = index
        return replace(made, frame=replace(made.frame, captured=self.clock.now))

    def count_down(self) -> None:
        """Let the countdown pass."""
        self.clock.now += match.COUNTDOWN

    def show(self) -> None:
        """Let the reaction pass, and some frames be read."""
        self.clock.now += match.REACTION + match.READING / 2
        before = self._made
        until(lambda: self._made >= before + 3)  # so that the second is of now, and has been written

    def end_round(self) -> None:
        """Let the rest of the reading pass: the result is there."""
        self.clock.now += match.READING / 2 + match._LATE

    def pause(self) -> None:
        """Let the result have been seen."""
        self.clock.now += match.PAUSE

    def play(self) -> None:
        """Play a round from its countdown to what comes after its result."""
        self.count_down()
        self.show()
        self.end_round()
        self.pause()
