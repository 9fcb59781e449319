"""Statistics of two classifiers that answered the same pictures.

Everything rests on the discordant pairs: `lost` pictures that only the reference got right, and `won` pictures that
only the candidate got right, out of `n`. The accuracy loss is (lost − won) / n.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

_CONFIDENCE = 0.95
_STEPS = 60  # halvings of an interval two wide: far below what a float can tell apart


@dataclass(frozen=True)
class Pairs:
    """Counts of paired answers: `n` pictures, of which `lost` and `won` are discordant."""

    n: int
    lost: int
    won: int

    def __post_init__(self) -> None:
        if self.lost < 0 or self.won < 0 or self.lost + self.won > self.n:
            raise ValueError(f"expected lost + won of at most n, all from 0, received {self}")

    @property
    def loss(self) -> float:
        """The accuracy loss that was seen, as a fraction; 0 where there are no pictures."""
        return (self.lost - self.won) / self.n if self.n else 0.0


def upper_bound(pairs: Pairs, confidence: float = _CONFIDENCE) -> float:
    """Bound the accuracy loss from above: the true loss is lower with this one-sided confidence.

    Source: T. Tango, "Equivalence test and confidence interval for the difference in proportions for the
    paired-sample design", Statistics in Medicine 17 (1998) 891–908: the score interval, which holds its level where
    discordant pairs are few or none.

    Returns:
        A fraction from −1 to 1; 1 where there are no pictures.
    """
    return _solve(pairs, -NormalDist().inv_cdf(confidence)) if pairs.n else 1.0


def lower_bound(pairs: Pairs, confidence: float = _CONFIDENCE) -> float:
    """Bound the accuracy loss from below, likewise; −1 where there are no pictures."""
    return _solve(pairs, NormalDist().inv_cdf(confidence)) if pairs.n else -1.0


def score_statistic(pairs: Pairs, loss: float) -> float:
    """Give Tango's score statistic for the hypothesis that the true loss is `loss`; it falls as `loss` grows."""
    n, lost, won = pairs.n, pairs.lost, pairs.won
    # The probability of `won` pairs that is most likely under the hypothesis: the positive root of a quadratic.
    a = 2.0 * n
    b = -lost - won + (2 * n - lost + won) * loss
    c = -won * loss * (1 - loss)
    likeliest_won = max((math.sqrt(max(b * b - 4 * a * c, 0.0)) - b) / (2 * a), max(0.0, -loss))
    variance = n * (2 * likeliest_won + loss * (1 - loss))
    distance = lost - won - n * loss
    if variance <= 0:
        return 0.0 if distance == 0 else math.copysign(math.inf, distance)
    return distance / math.sqrt(variance)


def _solve(pairs: Pairs, target: float) -> float:
    low, high = -1.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if score_statistic(pairs, middle) > target:
            low = middle
        else:
            high = middle
    return (low + high) / 2
