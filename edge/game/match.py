"""A match: rounds of countdown, reading and result, until one side has more than half of the rounds.

Where no hand is seen for several rounds in a row nobody is there any more, and the match waits for a person again.

There is no clock in here. Times are seconds of one clock that only goes forward, and every method takes its own; the
same labels, times and seed make the same match.
"""

from __future__ import annotations

import random
from collections import Counter, deque
from dataclasses import dataclass
from enum import Enum

from .rules import Hand, Outcome, hand_of, hand_shown, judge

COUNTDOWN = 3.0  # seconds: three, two, one
REACTION = 0.3  # seconds after "shoot" that a person takes to show a hand
READING = 0.7  # seconds for which hands are read then
_LATE = 0.3  # seconds that a frame of the reading may take to get here
PAUSE = 2.5  # seconds for which a result is shown
UNSEEN = 3  # rounds in a row without a hand, after which the match is given up
KEPT = 9  # rounds that are shown; a match of draws can go on for long


class Phase(str, Enum):
    """Where a match is."""

    WAITING = "waiting"
    COUNTDOWN = "countdown"
    SHOOT = "shoot"
    RESULT = "result"
    OVER = "over"


@dataclass(frozen=True)
class Round:
    """One round that was played."""

    person: Hand | None
    computer: Hand
    outcome: Outcome


@dataclass(frozen=True)
class State:
    """What a match shows.

    `left` are the seconds until the phase ends. `rounds` are the newest ones, the newest of them last. `given_up` says
    that the match waits because nobody showed a hand.
    """

    phase: Phase
    left: float
    best_of: int
    person: int
    computer: int
    rounds: tuple[Round, ...]
    given_up: bool = False


class Match:
    """Best of so many rounds; draws and rounds without a hand are played again.

    It is given up after `UNSEEN` rounds without a hand in a row. The computer's hand is drawn when a countdown begins,
    so it can know nothing of the person's.
    """

    def __init__(self, best_of: int, rng: random.Random) -> None:
        if best_of < 1 or best_of % 2 == 0:
            raise ValueError(f"expected an odd number of rounds, received {best_of}")
        self._best_of, self._rng = best_of, rng
        self._phase, self._until = Phase.WAITING, 0.0
        self._rounds: deque[Round] = deque(maxlen=KEPT)
        self._score: Counter[Outcome] = Counter()
        self._unseen = 0  # rounds in a row
        self._computer = Hand.ROCK
        self._seen: list[Hand | None] = []

    @property
    def reads(self) -> bool:
        """Tell whether labels matter now, so that a caller may spare itself `see`."""
        return self._phase is Phase.SHOOT

    def start(self, now: float) -> None:
        """Begin a match: the first one, or another one in the place of the last."""
        self._rounds.clear()
        self._score.clear()
        self._unseen = 0
        self._count_down(now)

    def see(self, label: str | None, captured: float) -> None:
        """Take the label of one frame and when it was taken; only those that fall into the reading count."""
        if self._phase is Phase.SHOOT and self._until - READING - _LATE <= captured <= self._until - _LATE:
            self._seen.append(hand_of(label))

    def advance(self, now: float) -> None:
        """Go on to whatever phase it is time for."""
        while self._phase not in (Phase.WAITING, Phase.OVER) and now >= self._until:
            self._next(self._until)

    def state(self, now: float) -> State:
        """Show the match as it is."""
        left = max(0.0, self._until - now) if self._phase not in (Phase.WAITING, Phase.OVER) else 0.0
        won, lost = self._score[Outcome.WIN], self._score[Outcome.LOSE]
        given_up = self._phase is Phase.WAITING and self._unseen > 0
        return State(self._phase, left, self._best_of, won, lost, tuple(self._rounds), given_up)

    def _next(self, now: float) -> None:
        if self._phase is Phase.COUNTDOWN:
            self._seen = []
            self._phase, self._until = Phase.SHOOT, now + REACTION + READING + _LATE
        elif self._phase is Phase.SHOOT:
            self._finish(hand_shown(self._seen))
            self._phase, self._until = Phase.RESULT, now + PAUSE
        elif 2 * max(self._score[Outcome.WIN], self._score[Outcome.LOSE]) > self._best_of:
            self._phase = Phase.OVER
        elif self._unseen >= UNSEEN:
            self._phase = Phase.WAITING
        else:
            self._count_down(now)

    def _count_down(self, now: float) -> None:
        self._computer = self._rng.choice(list(Hand))
        self._phase, self._until = Phase.COUNTDOWN, now + COUNTDOWN

    def _finish(self, person: Hand | None) -> None:
        outcome = judge(person, self._computer)
        self._rounds.append(Round(person, self._computer, outcome))
        self._score[outcome] += 1
        self._unseen = self._unseen + 1 if outcome is Outcome.UNSEEN else 0
