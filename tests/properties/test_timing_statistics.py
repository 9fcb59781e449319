"""Statistics of times: percentiles in fractions, and what must hold of any comparison."""

from __future__ import annotations

import math
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

import figures
from edgeproof.edge.benching.statistics import Distribution, midmean, needed, paired_ratio, percentile

times = st.lists(st.floats(0.001, 1000), min_size=1, max_size=130)
percents = st.integers(1, 99)


def interpolated(values: list[float], percent: int) -> Fraction:
    """Between the two values around the place (n − 1) p, counted from 0."""
    ordered = sorted(map(Fraction, values))
    place = Fraction(percent, 100) * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


@given(times, percents)
def test_percentile_is_interpolated_where_there_are_enough(values: list[float], percent: int) -> None:
    found = percentile(values, percent)
    assert (found is None) == (len(values) * (100 - percent) < 100)
    if found is not None:
        assert math.isclose(found, interpolated(values, percent), rel_tol=1e-9)


@given(percents)
def test_one_of_as_many_as_are_needed_lies_beyond(percent: int) -> None:
    assert needed(percent) * (100 - percent) >= 100 > (needed(percent) - 1) * (100 - percent)


@given(times)
def test_distribution_is_in_order_whatever_the_order_of_times(values: list[float]) -> None:
    found = Distribution.of(values)
    told = [found.least, found.median, found.p95, found.p99, found.most]
    known = [value for value in told if value is not None]
    assert known == sorted(known)
    assert (found.n, found.least, found.most) == (len(values), min(values), max(values))
    assert found == Distribution.of(values[::-1])


@given(times)
def test_mean_of_the_middle_half_lies_within_it(values: list[float]) -> None:
    ordered = sorted(values)
    cut = len(ordered) // 4
    middle = ordered[cut : len(ordered) - cut]
    assert math.isclose(midmean(values), float(sum(map(Fraction, middle)) / len(middle)), rel_tol=1e-9)


@given(times, st.floats(1, 1e6))
def test_one_that_is_far_off_moves_the_middle_half_by_one_place(values: list[float], off: float) -> None:
    assert midmean([*values, max(values) + off]) <= max(values) * (1 + 1e-12) or len(values) < 3


@st.composite
def openings(draw: st.DrawFn, count: int) -> list[list[float]]:
    return [draw(st.lists(st.floats(0.1, 100), min_size=8, max_size=8)) for _ in range(count)]


@settings(max_examples=15)  # each resamples a thousand times
@given(openings(4), st.floats(0.25, 4))
def test_one_that_takes_so_many_times_as_long_is_found_to(first: list[list[float]], times_as_long: float) -> None:
    second = [[value * times_as_long for value in each] for each in first]
    found = paired_ratio(first, second)
    for value in (found.ratio, found.low, found.high):
        assert value is not None
        assert math.isclose(value, times_as_long, rel_tol=1e-9)
    assert found.differs or math.isclose(times_as_long, 1)


@settings(max_examples=15)
@given(openings(5), openings(5))
def test_comparison_turned_about_is_the_inverse(first: list[list[float]], second: list[list[float]]) -> None:
    there, back = paired_ratio(first, second), paired_ratio(second, first)
    assert math.isclose(there.ratio * back.ratio, 1, rel_tol=1e-9)
    assert there.low is not None
    assert there.high is not None
    assert there.low <= there.high
    assert back.low is not None
    assert math.isclose(there.high * back.low, 1, rel_tol=1e-6)


@given(openings(3))
def test_too_few_openings_have_no_interval(first: list[list[float]]) -> None:
    found = paired_ratio(first, first)
    assert (found.low, found.high, found.differs) == (None, None, False)


@given(times, percents)
def test_percentile_of_a_campaign_is_the_least_that_so_many_do_not_exceed(values: list[float], percent: int) -> None:
    found = figures.percentile(values, percent)
    assert found in values
    assert sum(value <= found for value in values) * 100 >= percent * len(values)
    assert sum(value < found for value in values) * 100 < percent * len(values)
