"""The rules: three hands, and what beats what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from enum import Enum

from ..errors import InputError


class Hand(str, Enum):
    """What a player shows."""

    ROCK = "rock"
    PAPER = "paper"
    SCISSORS = "scissors"


class Outcome(str, Enum):
    """How a round went for the person; a draw counts for nobody."""

    WIN = "win"
    LOSE = "lose"
    DRAW = "draw"
    UNSEEN = "unseen"  # no hand could be made out, and the round is played again


_BEATS = {Hand.ROCK: Hand.SCISSORS, Hand.SCISSORS: Hand.PAPER, Hand.PAPER: Hand.ROCK}


def judge(person: Hand | None, computer: Hand) -> Outcome:
    """Decide a round; `person` is None where no hand could be made out."""
    if person is None:
        return Outcome.UNSEEN
    if person is computer:
        return Outcome.DRAW
    return Outcome.WIN if _BEATS[person] is computer else Outcome.LOSE


def hand_of(label: str | None) -> Hand | None:
    """Read a label, in any case; None where it is no hand."""
    try:
        return Hand((label or "").lower())
    except ValueError:
        return None


def hand_shown(seen: Iterable[Hand | None]) -> Hand | None:
    """Give the hand that more than half of the frames show; None where there is none such."""
    votes = Counter(seen)
    if not votes:
        return None
    hand, most = votes.most_common(1)[0]
    return hand if 2 * most > votes.total() else None


def check_labels(labels: Sequence[str]) -> None:
    """See to it that a model can tell the three hands apart.

    Raises:
        InputError: it lacks one of them.
    """
    missing = [hand.value for hand in Hand if hand not in map(hand_of, labels)]
    if missing:
        raise InputError(
            f"expected a model with the labels rock, paper and scissors for --game, received one without "
            f"{', '.join(missing)}; leave --game out"
        )
