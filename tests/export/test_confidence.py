from __future__ import annotations

import numpy as np
import pytest

from edgeproof.export.parity.answers import Answers
from edgeproof.export.parity.confidence import calibration_drift, calibration_error


def test_the_calibration_error_is_that_of_a_computation_by_hand() -> None:
    # Bins are a fifteenth wide. 0.62 and 0.64 share one, (0.6, 0.667): 0.63 promised, half kept, apart by 0.13.
    # 0.95 and 0.97 share the last: 0.96 promised, all kept, apart by 0.04. 0.50 alone: apart by 0.50.
    best = np.array([0.62, 0.64, 0.95, 0.97, 0.50], np.float32)
    right = np.array([True, False, True, True, False])
    expected = (2 * 0.13 + 2 * 0.04 + 1 * 0.50) / 5
    assert calibration_error(np.stack([best, 1 - best], axis=1), right) == pytest.approx(expected, abs=1e-6)


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
    # The candidate is as often right as the reference, three in four, and is sure of it every time.
    truth = np.zeros(400, np.int64)
    sign = np.where(np.arange(400) % 4, 1, -1)
    reference, candidate = (
        np.stack([0.5 + sign * half, 0.5 - sign * half], axis=1).astype(np.float32) for half in (0.25, 0.5)
    )
    drift = calibration_drift(Answers(truth, reference, candidate))
    assert 0.15 < drift.low < drift.high <= 0.25
    same = calibration_drift(Answers(truth, reference, reference))
    assert (same.low, same.high) == (0, 0)
