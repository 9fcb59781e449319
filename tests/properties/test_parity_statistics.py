"""The parity gate's statistics: bounds in order, monotone, as scipy has them, and as sure as they say."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from scipy import optimize, stats

from edgeproof.edge.contract import Verdict
from edgeproof.export.parity.answers import Answers
from edgeproof.export.parity.confidence import calibration_error, fit_threshold
from edgeproof.export.parity.statistics import (
    Cluster,
    Pairs,
    images_needed,
    lower_bound,
    score_statistic,
    upper_bound,
    wilson,
)
from edgeproof.export.parity.verdict import Margins, decide, worst

SEVERITY = [Verdict.PASS, Verdict.INCONCLUSIVE, Verdict.FAIL]
TINY = 1e-9
confidences = st.floats(0.6, 0.999)


@st.composite
def pairs(draw: st.DrawFn, most: int = 500) -> Pairs:
    n = draw(st.integers(1, most))
    lost = draw(st.integers(0, n))
    return Pairs(n, lost, draw(st.integers(0, n - lost)))


@st.composite
def clustered(draw: st.DrawFn) -> Pairs:
    """Photos with copies of which some are lost and some won."""
    copies = draw(st.lists(st.integers(1, 4), min_size=1, max_size=6))
    clusters, lost, won, n = [], Fraction(0), Fraction(0), 0
    for count in copies:
        gone = draw(st.integers(-count, count))
        photos = draw(st.integers(1, 40))
        clusters.append(Cluster(gone, count, photos))
        lost, won = lost + photos * Fraction(max(gone, 0), count), won + photos * Fraction(max(-gone, 0), count)
        n += photos
    return Pairs(n, float(lost), float(won), tuple(clusters))


@given(pairs() | clustered(), confidences)
def test_loss_lies_between_its_bounds(seen: Pairs, confidence: float) -> None:
    assert -1 <= lower_bound(seen, confidence) <= 1
    assert lower_bound(seen, confidence) <= upper_bound(seen, confidence) <= 1
    if not seen.clusters:
        assert lower_bound(seen, confidence) - TINY <= seen.loss <= upper_bound(seen, confidence) + TINY


@given(pairs(), confidences)
def test_what_one_loses_the_other_wins(seen: Pairs, confidence: float) -> None:
    turned = Pairs(seen.n, seen.won, seen.lost)
    assert math.isclose(upper_bound(seen, confidence), -lower_bound(turned, confidence), abs_tol=TINY)


@given(pairs(), confidences)
def test_one_more_lost_picture_raises_both_bounds(seen: Pairs, confidence: float) -> None:
    assume(seen.lost + seen.won < seen.n)
    worse = Pairs(seen.n, seen.lost + 1, seen.won)
    assert upper_bound(worse, confidence) >= upper_bound(seen, confidence) - TINY
    assert lower_bound(worse, confidence) >= lower_bound(seen, confidence) - TINY


@given(pairs(), st.integers(2, 20), confidences)
def test_more_pictures_of_the_same_shares_narrow_the_bounds(seen: Pairs, times: int, confidence: float) -> None:
    many = Pairs(seen.n * times, seen.lost * times, seen.won * times)
    assert upper_bound(many, confidence) <= upper_bound(seen, confidence) + TINY
    assert lower_bound(many, confidence) >= lower_bound(seen, confidence) - TINY


@given(pairs(), confidences, confidences)
def test_more_confidence_widens_the_bounds(seen: Pairs, one: float, other: float) -> None:
    less, more = sorted((one, other))
    assert upper_bound(seen, less) <= upper_bound(seen, more) + TINY
    assert lower_bound(seen, less) >= lower_bound(seen, more) - TINY


@given(pairs(200), st.floats(-0.9, 0.9))
def test_score_statistic_rests_on_the_likeliest_probabilities(seen: Pairs, loss: float) -> None:
    """The restricted maximum of the likelihood is found here by search, not by the root of a quadratic."""
    assume(seen.n * abs(loss) > 1e-3)
    others = seen.n - seen.lost - seen.won

    def unlikely(won: float) -> float:
        shares = ((seen.lost, won + loss), (seen.won, won), (others, 1 - 2 * won - loss))
        return -sum(count * math.log(max(share, 1e-300)) for count, share in shares if count)

    low, high = max(0.0, -loss), (1 - loss) / 2
    found = optimize.minimize_scalar(unlikely, bounds=(low, high), method="bounded", options={"xatol": 1e-12})
    variance = seen.n * (2 * found.x + loss - loss * loss)
    assume(variance > 1e-3)
    expected = (seen.lost - seen.won - seen.n * loss) / math.sqrt(variance)
    assert math.isclose(score_statistic(seen, loss), expected, rel_tol=1e-3, abs_tol=1e-3)


@given(pairs(200), confidences)
def test_bound_is_where_the_score_statistic_reaches_its_quantile(seen: Pairs, confidence: float) -> None:
    z = float(stats.norm.ppf(confidence))
    upper, lower = upper_bound(seen, confidence), lower_bound(seen, confidence)
    for bound, target in ((upper, -z), (lower, z)):
        assert score_statistic(seen, max(bound - 1e-6, -1)) >= target - 1e-3 or bound <= -1 + 1e-6
        assert score_statistic(seen, min(bound + 1e-6, 1)) <= target + 1e-3 or bound >= 1 - 1e-6


def outcomes(n: int, lost: float, won: float) -> Iterator[tuple[Pairs, float]]:
    """Every outcome of n pictures, and how probable it is."""
    for i in range(n + 1):
        for j in range(n + 1 - i):
            ways = math.comb(n, i) * math.comb(n - i, j)
            yield Pairs(n, i, j), ways * lost**i * won**j * max(1 - lost - won, 0.0) ** (n - i - j)


@pytest.mark.parametrize("n", [5, 12, 20])
def test_upper_bound_holds_the_true_loss_as_often_as_it_says(n: int) -> None:
    """By counting every outcome. A score interval holds its level on average; nowhere is it far below it."""
    bounds = {(seen.lost, seen.won): upper_bound(seen) for seen, _ in outcomes(n, 0.1, 0.1)}
    covered = []
    for lost in np.linspace(0, 0.5, 11):
        for won in np.linspace(0, 0.5, 11):
            true = lost - won
            weighed = outcomes(n, float(lost), float(won))
            covered.append(sum(p for seen, p in weighed if bounds[seen.lost, seen.won] >= true - TINY))
    assert np.mean(covered) >= 0.95
    assert min(covered) >= 0.90


@given(st.integers(1, 400), st.data(), confidences)
def test_interval_of_a_share_is_wilson_s(n: int, data: st.DataObject, confidence: float) -> None:
    hits = data.draw(st.integers(0, n))
    theirs = stats.binomtest(hits, n).proportion_ci(confidence, method="wilson")
    ours = wilson(hits, n, confidence)
    assert math.isclose(ours.low, theirs.low, abs_tol=TINY)
    assert math.isclose(ours.high, theirs.high, abs_tol=TINY)
    assert ours.low <= hits / n + TINY
    assert hits / n <= ours.high + TINY


@example(Pairs(1, 0, 0), 5e-324)  # for which no float counts the images
@example(Pairs(100, 10, 0), 0.1 + 1e-17)
@given(pairs(), st.floats(0.001, 0.3))
def test_as_many_images_as_are_needed_decide(seen: Pairs, margin: float) -> None:
    needed = images_needed(seen, margin)
    assert (needed is None) == (max(seen.loss, 0.0) >= margin or margin < 1e-300)
    if needed is None or seen.loss < 0 or needed > 10**7:
        return
    scaled = Pairs(needed, seen.lost / seen.n * needed, seen.won / seen.n * needed)
    assert upper_bound(scaled) <= margin + 1e-6


@given(pairs(), st.floats(0, 0.3), st.floats(0, 0.3))
def test_wider_margin_never_makes_a_verdict_worse(seen: Pairs, one: float, other: float) -> None:
    narrow, wide = sorted((one, other))
    verdicts = [decide(seen, {"a": seen}, Margins(each, each)).verdict for each in (narrow, wide)]
    assert SEVERITY.index(verdicts[1]) <= SEVERITY.index(verdicts[0])


@given(pairs(), st.floats(0, 0.3))
def test_one_more_lost_picture_never_makes_a_verdict_better(seen: Pairs, margin: float) -> None:
    assume(seen.lost + seen.won < seen.n)
    worse = Pairs(seen.n, seen.lost + 1, seen.won)
    before, after = (decide(each, {"a": each}, Margins(margin, margin)).verdict for each in (seen, worse))
    assert SEVERITY.index(after) >= SEVERITY.index(before)


@given(pairs(), st.lists(pairs(60), max_size=3), st.floats(0, 0.3), st.floats(0, 0.3))
def test_verdict_follows_from_the_bounds(seen: Pairs, each: list[Pairs], margin: float, one_class: float) -> None:
    decision = decide(seen, {str(i): one for i, one in enumerate(each)}, Margins(margin, one_class))
    lossy = [one for one in each if one.loss > one_class]
    assert len(decision.classes) == len(lossy)
    if decision.verdict is Verdict.PASS:
        assert upper_bound(seen) <= margin
        assert not lossy
        assert not decision.reasons
    elif decision.verdict is Verdict.FAIL:
        assert lower_bound(seen) > margin or any(lower_bound(one) > 0 for one in lossy)
    else:
        assert decision.reasons


@given(st.lists(st.sampled_from(SEVERITY), max_size=6))
def test_sum_of_verdicts_is_the_worst(verdicts: list[Verdict]) -> None:
    assert worst(verdicts) == max(verdicts, key=SEVERITY.index, default=Verdict.PASS)


@dataclass(frozen=True)
class Scored:
    """Answers of a candidate, with the scores as plain numbers."""

    answers: Answers
    best: list[float]


@st.composite
def scored(draw: st.DrawFn) -> Scored:
    n, labels = draw(st.integers(1, 60)), draw(st.integers(2, 4))
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    scores = rng.dirichlet(np.ones(labels), n).astype(np.float32)
    truth = np.where(rng.random(n) < draw(st.floats(0, 1)), scores.argmax(1), rng.integers(0, labels, n))
    return Scored(Answers(truth.astype(np.int64), scores, scores), scores.max(1).tolist())


@given(scored())
def test_calibration_error_is_the_weighed_distance_of_bins(seen: Scored) -> None:
    right = seen.answers.right.tolist()
    bins: dict[int, list[tuple[float, bool]]] = {}
    for score, is_right in zip(seen.best, right, strict=True):
        bins.setdefault(min(int(np.float32(score) * 15), 14), []).append((score, is_right))
    expected = sum(abs(sum(s for s, _ in each) - sum(r for _, r in each)) for each in bins.values()) / len(right)
    found = calibration_error(seen.answers.candidate, seen.answers.right)
    assert math.isclose(found, expected, abs_tol=1e-5)
    assert 0 <= found <= 1
    order = np.random.default_rng(0).permutation(len(right))
    assert math.isclose(calibration_error(seen.answers.candidate[order], seen.answers.right[order]), found)


@given(scored())
def test_threshold_loses_one_right_answer_of_a_hundred(seen: Scored) -> None:
    threshold = fit_threshold(seen.answers)
    chance = 1 / seen.answers.candidate.shape[1]
    assert chance <= threshold <= 1 + 1e-6
    right = [score for score, is_right in zip(seen.best, seen.answers.right.tolist(), strict=True) if is_right]
    below = sum(score < threshold - 1e-6 for score in right)
    assert below <= math.ceil(len(right) / 100)
    if not right:
        assert threshold == chance
