from __future__ import annotations

import numpy as np
import pytest

from edgeproof.edge.benching.statistics import Distribution, midmean, needed, paired_ratio, percentile


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


def test_ratio_is_the_median_of_pairs_not_of_sides() -> None:
    # A machine that slows down: each pair says 2, whatever the frame took.
    first = np.linspace(1, 50, 99)
    ratio = paired_ratio(first.tolist(), (2 * first).tolist())
    assert ratio.ratio == pytest.approx(2)
    assert (ratio.low, ratio.high) == (pytest.approx(2), pytest.approx(2))
    assert ratio.differs


def test_ratio_of_a_model_with_itself_shows_no_difference() -> None:
    random = np.random.default_rng(2)
    first, second = random.lognormal(0, 0.1, (2, 400)).tolist()
    assert not paired_ratio(first, second).differs


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    random = np.random.default_rng(3)
    held = 0
    for seed in range(60):
        noise = random.lognormal(0, 0.2, (2, 120))
        ratio = paired_ratio(noise[0].tolist(), (1.3 * noise[1]).tolist(), seed)
        assert ratio.low is not None
        assert ratio.high is not None
        assert ratio.low <= ratio.ratio <= ratio.high
        held += ratio.low <= 1.3 <= ratio.high
    assert held >= 51  # 57 of 60 expected, less three standard deviations and the bootstrap's own optimism


def test_interval_widens_where_a_disturbance_lasts_for_several_frames() -> None:
    random = np.random.default_rng(4)
    alone = random.normal(0, 0.1, 600)
    lasting = np.repeat(random.normal(0, 0.1, 75), 8)
    widths = []
    for noise in (alone, lasting):
        ratio = paired_ratio([1.0] * 600, np.exp(noise).tolist())
        assert ratio.low is not None
        assert ratio.high is not None
        widths.append(ratio.high - ratio.low)
    assert widths[1] > 1.5 * widths[0]


def test_few_pairs_have_no_interval_and_differ_in_nothing() -> None:
    ratio = paired_ratio([1.0] * 19, [2.0] * 19)
    assert (ratio.ratio, ratio.low, ratio.high, ratio.n) == (pytest.approx(2), None, None, 19)
    assert not ratio.differs
