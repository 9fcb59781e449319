from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from edgeproof.edge.benching.statistics import Distribution, Ratio, midmean, needed, paired_ratio, percentile


def test_percentiles_of_a_hundred_and_one_times_are_their_ranks() -> None:
    times = np.random.default_rng(1).permutation(np.arange(101.0)).tolist()
    found = Distribution.of(times)
    assert (found.n, found.median, found.p95, found.p99) == (101, 50, 95, 99)
    assert (found.least, found.most) == (0, 100)


@pytest.mark.parametrize(("percent", "count"), [(50, 2), (90, 10), (95, 20), (99, 100)])
def test_percentile_needs_so_many_times_that_one_lies_beyond(percent: int, count: int) -> None:
    assert needed(percent) == count
    assert percentile([1.0] * count, percent) == 1
    assert percentile([1.0] * (count - 1), percent) is None


def test_distribution_of_one_time_says_nothing_of_tails() -> None:
    assert Distribution.of([7.0]) == Distribution(1, 7, None, None, 7, 7)


def test_middle_half_is_deaf_to_interruptions() -> None:
    assert midmean([1, 2, 3, 1000]) == 2.5
    assert midmean([4.0]) == 4
    assert midmean([0, 1] * 50 + [500]) == pytest.approx(0.5, abs=0.02)


def openings(times: np.ndarray[Any, Any], count: int = 6) -> list[list[float]]:
    """Cut a series into as many openings."""
    return [part.tolist() for part in np.array_split(times, count)]


def width(ratio: Ratio) -> float:
    assert ratio.low is not None
    assert ratio.high is not None
    assert ratio.low <= ratio.ratio <= ratio.high
    return ratio.high - ratio.low


def test_ratio_is_the_median_of_pairs_not_of_sides() -> None:
    # A machine that slows down: each pair says 2, whatever the frame took.
    first = np.linspace(1, 50, 99)
    ratio = paired_ratio(openings(first), openings(2 * first))
    assert (ratio.n, ratio.openings) == (99, 6)
    assert ratio.ratio == pytest.approx(2)
    assert (ratio.low, ratio.high) == (pytest.approx(2), pytest.approx(2))
    assert ratio.differs


def test_ratio_of_a_model_with_itself_shows_no_difference() -> None:
    random = np.random.default_rng(2)
    first, second = random.lognormal(0, 0.1, (2, 400))
    assert not paired_ratio(openings(first), openings(second)).differs


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    random = np.random.default_rng(3)
    held = 0
    for seed in range(30):
        first, second = random.lognormal(0, 0.2, (2, 120))
        ratio = paired_ratio(openings(first), openings(1.3 * second), seed)
        assert width(ratio) < 0.5
        held += (ratio.low or 0) <= 1.3 <= (ratio.high or 0)
    assert held >= 24  # 28 of 30 expected, less three standard deviations and the bootstrap's own optimism


def test_interval_widens_where_a_disturbance_lasts_for_several_frames() -> None:
    random = np.random.default_rng(4)
    alone, lasting = random.normal(0, 0.1, 600), np.repeat(random.normal(0, 0.1, 75), 8)
    ones = openings(np.ones(600))
    narrow, wide = (paired_ratio(ones, openings(np.exp(noise))) for noise in (alone, lasting))
    assert width(wide) > 1.5 * width(narrow)


def test_interval_widens_where_openings_differ() -> None:
    # One of the two lies in memory unluckily, now and then, for as long as it is open: that is no difference of models.
    random = np.random.default_rng(5)
    luck = np.repeat([0.0, 0.1, -0.05, 0.15, -0.1, 0.02, -0.12, 0.04], 50)
    noise = random.normal(0, 0.01, 400)
    ones = openings(np.ones(400), 8)
    lucky = paired_ratio(ones, openings(np.exp(luck + noise), 8))
    assert not lucky.differs
    assert width(lucky) > 10 * width(paired_ratio(ones, openings(np.exp(noise), 8)))


@pytest.mark.parametrize(("pairs", "count"), [(19, 4), (200, 3)])
def test_few_pairs_or_openings_have_no_interval_and_differ_in_nothing(pairs: int, count: int) -> None:
    ratio = paired_ratio(openings(np.ones(pairs), count), openings(2 * np.ones(pairs), count))
    assert (ratio.ratio, ratio.low, ratio.high, ratio.n) == (pytest.approx(2), None, None, pairs)
    assert not ratio.differs
