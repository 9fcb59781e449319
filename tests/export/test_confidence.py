from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from edgeproof.export.parity.answers import Answers
from edgeproof.export.parity.confidence import calibration_drift, calibration_error, fit_threshold

SIGN = np.where(np.arange(400) % 4, 1, -1)
# The candidate is as often right as the reference, three in four, and is sure of it every time.
ALWAYS_SURE = Answers(
    np.zeros(400, np.int64),
    *(np.stack([0.5 + SIGN * half, 0.5 - SIGN * half], axis=1).astype(np.float32) for half in (0.25, 0.5)),
)


def test_the_calibration_error_is_that_of_a_computation_by_hand() -> None:
    # Bins are a fifteenth wide. 0.62 and 0.64 share one, (0.6, 0.667): 0.63 promised, half kept, apart by 0.13.
    # 0.95 and 0.97 share the last: 0.96 promised, all kept, apart by 0.04. 0.50 alone: apart by 0.50.
    best = np.array([0.62, 0.64, 0.95, 0.97, 0.50], np.float32)
    right = np.array([True, False, True, True, False])
    expected = (2 * 0.13 + 2 * 0.04 + 1 * 0.50) / 5
    assert calibration_error(np.stack([best, 1 - best], axis=1), right) == pytest.approx(expected, abs=1e-6)


def test_a_score_of_one_shares_the_last_bin() -> None:
    # 1.0, wrong, and 0.95, right: together they promise 1.95 and keep 1. In bins of their own they were apart by 1.05.
    scores = np.array([[1.0, 0.0], [0.95, 0.05]], np.float32)
    assert calibration_error(scores, np.array([False, True])) == pytest.approx(0.95 / 2)


def test_the_lowest_scores_have_a_bin_of_their_own() -> None:
    # 0.05, wrong, is in the first; 0.1, right, in the second. Together they were apart by 0.85.
    scores = np.array([[0.05, 0.01], [0.1, 0.01]], np.float32)
    assert calibration_error(scores, np.array([False, True])) == pytest.approx((0.05 + 0.9) / 2)


def test_certainty_that_is_right_has_no_error() -> None:
    scores = np.array([[1.0, 0.0], [0.0, 1.0]], np.float32)
    assert calibration_error(scores, np.array([True, True])) == 0
    assert calibration_error(scores, np.array([False, False])) == 1


def test_probabilities_that_keep_their_promise_have_next_to_none() -> None:
    rng = np.random.default_rng(0)
    best = rng.uniform(0.5, 1, 100_000).astype(np.float32)
    right = rng.random(100_000) < best
    assert calibration_error(np.stack([best, 1 - best], axis=1), right) < 0.01


def test_the_drift_of_calibration_is_enclosed() -> None:
    drift = calibration_drift(ALWAYS_SURE)
    assert 0.15 < drift.low < drift.high <= 0.25
    same = calibration_drift(replace(ALWAYS_SURE, candidate=ALWAYS_SURE.reference))
    assert (same.low, same.high) == (0, 0)


def test_the_drift_of_calibration_is_that_of_the_binomial_distribution() -> None:
    # The candidate, always sure, errs by 1 − r for a share r of right answers; the reference, with 0.75, by |0.75 − r|.
    # The difference is 1.75 − 2 r, and 0.25 where r is below 0.75. Of 400 drawn, r exceeds 0.7925 in 2.5 % of cases.
    drift = calibration_drift(ALWAYS_SURE)
    assert drift.high == pytest.approx(0.25, abs=1e-6)
    assert drift.low == pytest.approx(1.75 - 2 * 0.7925, abs=0.01)


def test_the_drift_of_calibration_is_the_same_each_time() -> None:
    rng = np.random.default_rng(0)
    scores = rng.dirichlet([1, 1, 1], (2, 200)).astype(np.float32)
    answers = Answers(rng.integers(0, 3, 200), scores[0], scores[1])
    assert len({calibration_drift(answers) for _ in range(3)}) == 1


def test_the_drift_of_one_picture_is_known() -> None:
    # Right with 0.8 is an error of 0.2; with 0.5, of 0.5.
    only = Answers(np.array([0]), np.array([[0.8, 0.2]], np.float32), np.array([[0.5, 0.5]], np.float32))
    drift = calibration_drift(only)
    assert (drift.low, drift.high) == (pytest.approx(0.3), pytest.approx(0.3))


def picture_answers(best: list[float]) -> Answers:
    """Right answers with these scores, among three labels."""
    scores = np.array([[score, (1 - score) / 2, (1 - score) / 2] for score in best], np.float32)
    return Answers(np.zeros(len(best), np.int64), scores, scores)


def test_the_threshold_is_the_score_that_one_right_answer_of_a_hundred_falls_below() -> None:
    # Of 101 scores in steps of 0.004, one is below the second.
    assert fit_threshold(picture_answers([0.5 + 0.004 * i for i in range(101)])) == pytest.approx(0.504)


def test_the_threshold_is_never_below_chance() -> None:
    scores = np.array([[0.2, 0.1, 0.1]] * 5, np.float32)  # of three sigmoids
    assert fit_threshold(Answers(np.zeros(5, np.int64), scores, scores)) == pytest.approx(1 / 3)


def test_without_a_right_answer_the_threshold_is_chance() -> None:
    scores = np.array([[0.9, 0.05, 0.05]] * 5, np.float32)
    assert fit_threshold(Answers(np.ones(5, np.int64), scores, scores)) == pytest.approx(1 / 3)
