from __future__ import annotations

import random

import pytest

from edgeproof.edge.game.match import COUNTDOWN, KEPT, PAUSE, REACTION, READING, UNSEEN, Match, Phase, Round, State
from edgeproof.edge.game.rules import Hand, Outcome

BEATEN_BY = {Hand.ROCK: "paper", Hand.PAPER: "scissors", Hand.SCISSORS: "rock"}
STEP = 0.05  # seconds between two frames
LONG = 500.0  # seconds; far more than any match here takes


class Rigged(random.Random):
    """Draws the hands that it was given, again and again."""

    def __init__(self, *hands: Hand) -> None:
        super().__init__(0)
        self.hands, self.drawn = hands, 0

    def choice(self, seq: object) -> Hand:  # type: ignore[override]  # noqa: ARG002 - what is drawn is known
        self.drawn += 1
        return self.hands[(self.drawn - 1) % len(self.hands)]


def seeded(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - a game, no secret


def play(
    match: Match, label: str | None, start: float = 0.0, duration: float = LONG, rounds: list[Round] | None = None
) -> State:
    """Show one label until the match is over; what was played is added to `rounds`."""
    now, phase = start, Phase.COUNTDOWN
    while now < start + duration and match.state(now).phase is not Phase.OVER:
        now += STEP
        match.advance(now)
        match.see(label, now)
        before, phase = phase, match.state(now).phase
        if rounds is not None and before is not phase is Phase.RESULT:
            rounds.append(match.state(now).rounds[-1])
    return match.state(now)


def test_match_waits_for_a_person() -> None:
    match = Match(3, Rigged(Hand.ROCK))
    match.advance(1e6)
    assert match.state(1e6) == State(Phase.WAITING, 0.0, 3, 0, 0, ())
    assert not match.reads


def test_phases_follow_one_another() -> None:
    match = Match(1, Rigged(Hand.ROCK))
    match.start(100.0)
    assert match.state(100.0).phase is Phase.COUNTDOWN
    assert match.state(101.0).left == pytest.approx(COUNTDOWN - 1)
    match.advance(100.0 + COUNTDOWN)
    assert match.reads
    match.see("paper", 100.0 + COUNTDOWN + REACTION + READING / 2)
    phases = []
    now = 100.0 + COUNTDOWN
    while now < 120.0:
        match.advance(now)
        phases.append(match.state(now).phase)
        now += STEP
    assert list(dict.fromkeys(phases)) == [Phase.SHOOT, Phase.RESULT, Phase.OVER]
    assert match.state(now).rounds == (Round(Hand.PAPER, Hand.ROCK, Outcome.WIN),)


@pytest.mark.parametrize(
    ("offset", "counts"),
    [
        (-COUNTDOWN, False),
        (-0.01, False),
        (REACTION - 0.01, False),
        (REACTION + 0.01, True),
        (REACTION + READING - 0.01, True),
        (REACTION + READING + 0.01, False),
    ],
)
def test_only_frames_of_the_reading_count(offset: float, counts: bool) -> None:
    match = Match(1, Rigged(Hand.ROCK))
    match.start(0.0)
    match.advance(COUNTDOWN)
    match.see("paper", COUNTDOWN + offset)
    match.advance(COUNTDOWN + REACTION + READING + 1.0)
    (played,) = match.state(20.0).rounds
    assert played.outcome is (Outcome.WIN if counts else Outcome.UNSEEN)


def test_frame_that_comes_late_counts_by_when_it_was_taken() -> None:
    match = Match(1, Rigged(Hand.ROCK))
    match.start(0.0)
    match.advance(COUNTDOWN + REACTION + READING + 0.2)  # a slow network is still busy
    match.see("paper", COUNTDOWN + REACTION + READING - 0.1)
    match.advance(COUNTDOWN + 2.0)
    assert match.state(20.0).rounds[0].outcome is Outcome.WIN


@pytest.mark.parametrize("best_of", [1, 3, 5, 7])
@pytest.mark.parametrize("seed", range(5))
def test_more_than_half_of_the_rounds_win(best_of: int, seed: int) -> None:
    match = Match(best_of, seeded(seed))
    match.start(0.0)
    rounds: list[Round] = []
    state = play(match, "rock", rounds=rounds)
    assert state.phase is Phase.OVER
    assert max(state.person, state.computer) == best_of // 2 + 1
    assert min(state.person, state.computer) <= best_of // 2
    outcomes = [played.outcome for played in rounds]
    assert (outcomes.count(Outcome.WIN), outcomes.count(Outcome.LOSE)) == (state.person, state.computer)
    assert outcomes[-1] is (Outcome.WIN if state.person > state.computer else Outcome.LOSE)


def test_round_without_a_hand_and_a_draw_are_played_again() -> None:
    match = Match(3, Rigged(Hand.ROCK))
    match.start(0.0)
    length = COUNTDOWN + REACTION + READING + PAUSE + 0.4
    assert play(match, "unknown", duration=length).rounds[0].outcome is Outcome.UNSEEN
    state = play(match, "rock", start=length, duration=3 * length)
    assert {played.outcome for played in state.rounds[1:]} == {Outcome.DRAW}
    assert (state.person, state.computer, state.phase is Phase.OVER) == (0, 0, False)


def test_computer_cannot_know_the_hand() -> None:
    """It has chosen when the countdown begins: the same seed plays the same hands against anyone."""
    hands = []
    for label in ("rock", "paper", "scissors", "unknown"):
        match = Match(99, seeded(7))
        match.start(0.0)
        rounds: list[Round] = []
        play(match, label, duration=60.0, rounds=rounds)
        hands.append([played.computer for played in rounds])
    assert hands[0] == hands[1] == hands[2]
    assert hands[3] == hands[0][:UNSEEN]
    assert len(set(hands[0])) == 3


def test_hand_is_drawn_once_a_round_before_it_is_read() -> None:
    rng = Rigged(Hand.PAPER)
    match = Match(1, rng)
    assert rng.drawn == 0
    match.start(0.0)
    assert rng.drawn == 1
    play(match, BEATEN_BY[Hand.PAPER])
    assert rng.drawn == 1


def test_rematch_begins_at_nothing() -> None:
    match = Match(1, Rigged(Hand.ROCK))
    match.start(0.0)
    assert play(match, "paper").person == 1
    match.start(LONG)
    assert match.state(LONG) == State(Phase.COUNTDOWN, COUNTDOWN, 1, 0, 0, ())


def test_clock_that_jumps_ahead_goes_through_every_phase() -> None:
    match = Match(1, Rigged(Hand.ROCK))
    match.start(0.0)
    match.advance(1000.0)
    assert {played.outcome for played in match.state(1000.0).rounds} == {Outcome.UNSEEN}


def test_match_that_nobody_plays_any_more_waits_for_a_person() -> None:
    match = Match(3, seeded(0))
    match.start(0.0)
    state = play(match, "unknown")
    assert (state.phase, state.given_up, state.left) == (Phase.WAITING, True, 0.0)
    assert [played.outcome for played in state.rounds] == [Outcome.UNSEEN] * 3
    match.start(LONG)
    assert not match.state(LONG).given_up
    assert play(match, "rock", start=LONG).phase is Phase.OVER


def test_only_rounds_in_a_row_give_a_match_up() -> None:
    match = Match(3, Rigged(Hand.ROCK))
    match.start(0.0)
    length = COUNTDOWN + REACTION + READING + PAUSE + 0.3
    rounds: list[Round] = []
    for index, label in enumerate(["unknown", "unknown", "rock"] * 5):
        state = play(match, label, start=index * length, duration=length, rounds=rounds)
    assert len(rounds) == 15
    assert {played.outcome for played in rounds} == {Outcome.UNSEEN, Outcome.DRAW}
    assert not state.given_up
    assert state.rounds == tuple(rounds[-KEPT:])


def test_rounds_that_are_kept_are_bounded_and_the_score_is_of_all() -> None:
    match = Match(99, Rigged(Hand.ROCK))
    match.start(0.0)
    state = play(match, "paper", duration=1e4)
    assert (state.phase, state.person, state.computer) == (Phase.OVER, 50, 0)
    assert len(state.rounds) == 9


@pytest.mark.parametrize("best_of", [0, 2, -1])
def test_even_number_of_rounds_is_refused(best_of: int) -> None:
    with pytest.raises(ValueError, match="expected an odd number"):
        Match(best_of, seeded(0))
