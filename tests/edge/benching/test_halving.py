from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from edgeproof.edge.benching.halving import Outcome, halve, survivors
from edgeproof.edge.errors import InputError


class Board:
    """A board of a test's own: each candidate's true milliseconds, the seconds to open it, and noise."""

    def __init__(self, clock: Any, truth: dict[str, float], opening: float, noise: float, seed: int = 0) -> None:
        self._clock, self._truth, self._opening, self._noise = clock, truth, opening, noise
        self._random = np.random.default_rng(seed)
        self.spent = dict.fromkeys(truth, 0.0)

    def measure(self, candidate: str, seconds: float, hopeless_above: float | None) -> list[float]:
        start = self._clock.now
        self._clock.now += self._opening
        times: list[float] = []
        # Something else runs for the whole of some measurements.
        slowdown = 1 + self._random.exponential(self._noise)
        end = self._clock.now + seconds
        while not times or self._clock.now < end:
            times.append(self._truth[candidate] * slowdown * self._random.lognormal(0, self._noise))
            self._clock.now += times[-1] / 1e3
            if hopeless_above is not None and len(times) >= 5 and min(times) > hopeless_above:
                break
        self.spent[candidate] += self._clock.now - start
        return times


def truth(seed: int, count: int, fastest: float) -> dict[str, float]:
    """Candidates up to ten times as slow as the fastest, in any order."""
    slower = np.random.default_rng(seed).uniform(1, 10, count) * fastest
    slower[seed % count] = fastest
    return {f"{index}": float(ms) for index, ms in enumerate(slower)}


def search(clock: Any, seed: int, count: int, fastest: float, opening: float, noise: float) -> tuple[float, float]:
    """Halve; gives the winner's true time by that of the exhaustive best, and the seconds that it took."""
    real = truth(seed, count, fastest)
    start = clock.now
    outcome = halve(list(real), Board(clock, real, opening, noise, seed).measure, 40.0, clock)
    assert outcome.untried == ()
    return real[outcome.finalists[0]] / min(real.values()), clock.now - start


@pytest.mark.parametrize(("count", "fastest", "opening"), [(8, 2.0, 0.1), (12, 90.0, 0.8), (24, 15.0, 0.3), (1, 9, 1)])
def test_winner_is_within_5_percent_of_the_exhaustive_best_in_less_than_a_minute(
    clock: Any, count: int, fastest: float, opening: float
) -> None:
    for seed in range(8):
        ratio, seconds = search(clock, seed, count, fastest, opening, 0.02)
        assert ratio <= 1.05
        assert seconds < 60


def test_slow_candidates_get_less_time_than_fast_ones(clock: Any) -> None:
    real = {"slow": 60.0, "slower": 90.0, "fast": 10.0, "second": 13.0}
    board = Board(clock, real, 0.1, 0.01)
    outcome = halve(list(real), board.measure, 40.0, clock)
    assert outcome.finalists == ("fast",)
    assert outcome.round_of == {"fast": 2, "second": 2, "slow": 1, "slower": 1}
    assert board.spent["fast"] > 2 * board.spent["slower"]


def test_what_is_hopeless_beside_the_fastest_so_far_is_not_measured_to_the_end(clock: Any) -> None:
    real = {"fast": 10.0, "slow": 100.0}
    board = Board(clock, real, 0.0, 0.001)
    halve(list(real), board.measure, 40.0, clock)
    assert board.spent["slow"] == pytest.approx(0.5, rel=0.1)  # five frames


def test_half_survives_and_what_is_close_to_the_fastest() -> None:
    assert survivors({"a": 4.0, "b": 1.0, "c": 2.0, "d": 3.0}) == ["b", "c"]
    assert survivors({"a": 1.0, "b": 1.05, "c": 1.09, "d": 1.2}) == ["a", "b", "c"]
    assert survivors({"a": 1.0, "b": 2.0, "c": 3.0}) == ["a", "b"]
    assert survivors({}) == []


def test_what_no_time_is_left_for_is_said(clock: Any) -> None:
    real = {"a": 10.0, "b": 10.0, "c": 10.0}
    outcome = halve(list(real), Board(clock, real, 3.0, 0.0).measure, 4.0, clock)
    assert outcome.untried == ("c",)
    assert set(outcome.times) == {"a", "b"}


def test_time_that_ends_in_a_later_round_leaves_what_is_known(clock: Any) -> None:
    real = {"a": 20.0, "b": 10.0, "c": 30.0, "d": 40.0}
    outcome = halve(list(real), Board(clock, real, 1.0, 0.0).measure, 4.7, clock)
    assert outcome.untried == ()
    assert outcome.finalists[0] == "b"


def test_candidate_that_does_not_run_is_left_out_with_the_reason(clock: Any) -> None:
    def measure(candidate: str, seconds: float, _: float | None) -> list[float]:
        clock.now += seconds
        if candidate == "broken":
            raise InputError("expected a model, received none")
        return [1.0]

    outcome = halve(["broken", "whole"], measure, 10.0, clock)
    assert outcome.refused == {"broken": "expected a model, received none"}
    assert outcome.finalists == ("whole",)
    assert outcome.untried == ()


def test_nothing_to_choose_from_leaves_nothing(clock: Any) -> None:
    def never(*_: object) -> list[float]:
        raise AssertionError

    assert halve([], never, 10.0, clock) == Outcome({}, {}, (), (), {})
