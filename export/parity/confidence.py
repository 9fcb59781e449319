"""How well scores keep what they promise: of the answers given with 80 %, four in five should be right."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .answers import Answers, Mask, Scores
from .statistics import Interval

_BINS = 15  # equally wide, as in the source of `calibration_error`
_QUANTILE = 0.01  # of the right answers may fall below the threshold of "unknown"
_RESAMPLES = 500
_SEED = 0


def calibration_error(scores: Scores, right: Mask) -> float:
    """Give the expected calibration error of answers: (n, labels) scores and (n,) which of them are right.

    Source: C. Guo et al., "On calibration of modern neural networks", ICML 2017: the mean distance between confidence
    and accuracy over 15 equally wide bins of the best score, weighted by the answers in each.
    """
    return _error(scores.max(1), right)


def calibration_drift(answers: Answers) -> Interval:
    """Enclose how much the candidate's calibration error exceeds the reference's, by a seeded bootstrap."""
    rng = np.random.default_rng(_SEED)
    n = len(answers.truth)
    best, best_reference = answers.candidate.max(1), answers.reference.max(1)
    right, right_reference = answers.right, answers.right_reference
    drifts = [
        _error(best[drawn], right[drawn]) - _error(best_reference[drawn], right_reference[drawn])
        for drawn in rng.integers(0, n, (_RESAMPLES, n))
    ]
    low, high = np.quantile(drifts, [0.025, 0.975]).tolist()
    return Interval(low, high)


def fit_threshold(answers: Answers) -> float:
    """Fit the score below which an answer is "unknown": 1 % of the candidate's right answers fall below it.

    Never below chance, 1 / labels; chance itself where no answer is right.
    """
    chance = 1 / answers.candidate.shape[1]
    best = answers.candidate[answers.right].max(1)
    return float(max(chance, np.quantile(best, _QUANTILE))) if len(best) else chance


def _error(best: NDArray[np.floating], right: Mask) -> float:
    # The best score of 1 belongs to the last bin.
    bins = np.clip((best * _BINS).astype(np.int64), 0, _BINS - 1)
    sums = [np.bincount(bins, weights=values, minlength=_BINS) for values in (best, right)]
    return float(np.abs(sums[0] - sums[1]).sum() / len(best))
