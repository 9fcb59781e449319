from __future__ import annotations

from typing import Any

import pytest

from edgeproof.edge.benching.timing import Answer, Stages, measure, measure_in_turn, warm_up
from edgeproof.edge.classifier import Latency


def answers(clock: Any, milliseconds: float, log: list[float] | None = None) -> Answer:
    """Answer in so many milliseconds of the clock: a tenth to preprocess, eight to invoke, one to read out."""

    def answer() -> Latency:
        clock.now += milliseconds / 1e3
        if log is not None:
            log.append(milliseconds)
        return Latency(0.1 * milliseconds, 0.8 * milliseconds, milliseconds)

    return answer


def test_frames_are_answered_until_the_time_is_up(clock: Any) -> None:
    times = measure(answers(clock, 100), 1.95, clock=clock)
    assert len(times.total) == 20
    stages = Stages.of(times)
    medians = [stage.median for stage in (stages.preprocess_ms, stages.invoke_ms, stages.read_ms, stages.total_ms)]
    assert medians == pytest.approx([10, 80, 10, 100])


def test_frames_are_at_most_as_many_as_asked(clock: Any) -> None:
    assert len(measure(answers(clock, 1), 60, frames=7, clock=clock).total) == 7


def test_one_frame_is_answered_however_long_it_takes(clock: Any) -> None:
    assert measure(answers(clock, 5000), 0.1, clock=clock).total == [5000]


def test_what_is_hopeless_is_given_up_after_a_few_frames(clock: Any) -> None:
    assert len(measure(answers(clock, 30), 60, hopeless_above=20, clock=clock).total) == 5
    assert len(measure(answers(clock, 10), 1.005, hopeless_above=20, clock=clock).total) == 101


def test_warm_up_is_short(clock: Any) -> None:
    before = clock.now
    warm_up(answers(clock, 1), 60, clock)
    warm_up(answers(clock, 400), 5, clock)
    assert clock.now - before == pytest.approx(0.02 + 0.8)


def test_two_sides_take_turns_and_neither_always_goes_first(clock: Any) -> None:
    log: list[float] = []
    times = measure_in_turn((answers(clock, 1, log), answers(clock, 2, log)), 60, frames=3, clock=clock)
    assert log == [1, 2, 2, 1, 1, 2]
    assert [side.total for side in times] == [[1, 1, 1], [2, 2, 2]]
