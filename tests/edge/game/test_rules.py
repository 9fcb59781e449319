from __future__ import annotations

import itertools

import pytest

from edgeproof.edge.errors import InputError
from edgeproof.edge.game.rules import Hand, Outcome, check_labels, hand_of, hand_shown, judge

ROCK, PAPER, SCISSORS = Hand.ROCK, Hand.PAPER, Hand.SCISSORS


@pytest.mark.parametrize(("winner", "loser"), [(ROCK, SCISSORS), (SCISSORS, PAPER), (PAPER, ROCK)])
def test_winner_wins_and_loser_loses(winner: Hand, loser: Hand) -> None:
    assert judge(winner, loser) is Outcome.WIN
    assert judge(loser, winner) is Outcome.LOSE


def test_same_hands_are_a_draw_and_no_others() -> None:
    for person, computer in itertools.product(Hand, Hand):
        assert (judge(person, computer) is Outcome.DRAW) == (person is computer)


def test_game_is_fair() -> None:
    """Whatever the computer shows, one hand wins, one loses and one draws."""
    for computer in Hand:
        assert sorted(judge(person, computer).value for person in Hand) == ["draw", "lose", "win"]


@pytest.mark.parametrize("computer", list(Hand))
def test_no_hand_is_not_judged(computer: Hand) -> None:
    assert judge(None, computer) is Outcome.UNSEEN


@pytest.mark.parametrize(
    ("label", "hand"),
    [("rock", ROCK), ("Paper", PAPER), ("SCISSORS", SCISSORS), ("unknown", None), ("none", None), ("", None)],
)
def test_labels_are_hands_in_any_case(label: str, hand: Hand | None) -> None:
    assert hand_of(label) is hand
    assert hand_of(None) is None


@pytest.mark.parametrize(
    ("seen", "shown"),
    [
        ([], None),
        ([ROCK], ROCK),
        ([None], None),
        ([ROCK, PAPER], None),
        ([ROCK, ROCK, PAPER], ROCK),
        ([ROCK, None], None),
        ([PAPER] * 4 + [None] * 3, PAPER),
        ([PAPER] * 3 + [None] * 4, None),
        ([ROCK, PAPER, SCISSORS], None),
    ],
)
def test_more_than_half_of_the_frames_decide(seen: list[Hand | None], shown: Hand | None) -> None:
    for order in itertools.islice(itertools.permutations(seen), 24):
        assert hand_shown(order) is shown


def test_model_of_other_labels_cannot_play() -> None:
    check_labels(("none", "Rock", "PAPER", "scissors"))
    with pytest.raises(InputError, match="received one without paper, scissors"):
        check_labels(("rock", "lizard"))
