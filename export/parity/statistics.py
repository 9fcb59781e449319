"""Statistics of two classifiers that answered the same pictures.

Everything rests on the discordant pairs: `lost` pictures that only the reference got right, and `won` pictures that
only the candidate got right, out of `n`. The accuracy loss is (lost − won) / n.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

_CONFIDENCE = 0.95
_POWER = 0.8  # the chance that as many images as are said to be needed really decide
_STEPS = 60  # halvings of an interval two wide: far below what a float can tell apart
_RESAMPLES = 4000
_SEED = 0  # the same bound for the same answers
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Interval:
    """A two-sided interval of 95 % confidence."""

    low: float
    high: float


class Cluster(NamedTuple):
    """Photos to whose copies the same happened: pictures lost less those won, copies of each, and how many photos."""

    lost: int
    copies: int
    photos: int


@dataclass(frozen=True)
class Pairs:
    """Counts of paired answers: `n` photos, of which `lost` and `won` are discordant.

    Where a photo has copies, they count as one: `n` is the number of photos, and `lost` and `won` add up each photo's
    share of its copies. `clusters` then lists the photos by what happened to their copies.
    """

    n: int
    lost: float
    won: float
    clusters: tuple[Cluster, ...] = ()

    def __post_init__(self) -> None:
        # Shares of copies are sums of fractions, which may be too large by their rounding.
        if self.lost < 0 or self.won < 0 or self.lost + self.won > self.n * (1 + _ROUNDING):
            raise ValueError(f"expected lost + won of at most n, all from 0, received {self}")

    @property
    def loss(self) -> float:
        """The accuracy loss that was seen, as a fraction of all pictures; 0 where there are none."""
        if self.clusters:
            return sum(each.lost * each.photos for each in self.clusters) / self.images
        return (self.lost - self.won) / self.n if self.n else 0.0

    @property
    def images(self) -> int:
        """How many pictures there are, each copy counted."""
        return sum(each.copies * each.photos for each in self.clusters) if self.clusters else self.n


def upper_bound(pairs: Pairs, confidence: float = _CONFIDENCE) -> float:
    """Bound the accuracy loss from above: the true loss is lower with this one-sided confidence.

    Source: T. Tango, "Equivalence test and confidence interval for the difference in proportions for the
    paired-sample design", Statistics in Medicine 17 (1998) 891–908: the score interval, which holds its level where
    discordant pairs are few or none. Where photos have copies, the cluster bootstrap (percentile) is asked too, and
    the more careful of the two is given.

    Returns:
        A fraction from −1 to 1; 1 where there are no pictures.
    """
    if not pairs.n:
        return 1.0
    score = _solve(pairs, -NormalDist().inv_cdf(confidence))
    return max(score, _bootstrap(pairs, confidence)) if pairs.clusters else score


def lower_bound(pairs: Pairs, confidence: float = _CONFIDENCE) -> float:
    """Bound the accuracy loss from below, likewise; −1 where there are no pictures."""
    if not pairs.n:
        return -1.0
    score = _solve(pairs, NormalDist().inv_cdf(confidence))
    return min(score, _bootstrap(pairs, 1 - confidence)) if pairs.clusters else score


def images_needed(pairs: Pairs, margin: float, confidence: float = _CONFIDENCE) -> int | None:
    """Say how many images would show, with 80 % power, that a loss as seen is within the margin.

    n = (z_confidence + z_power)² ψ / (margin − loss)² for a share ψ of discordant pairs, and never fewer than decide
    where no pair is discordant.

    Returns:
        None where no number does: the loss that was seen is as large as the margin, or so close to it that a float
        cannot count them, or there are no images.
    """
    distance = margin - max(pairs.loss, 0.0)
    if not pairs.n or distance <= 0 or distance**2 == 0:
        return None
    normal = NormalDist()
    z = normal.inv_cdf(confidence)
    discordant = (pairs.lost + pairs.won) / pairs.n
    needed = max((z + normal.inv_cdf(_POWER)) ** 2 * discordant / distance**2, z**2 * (1 - margin) / margin)
    return math.ceil(needed) if math.isfinite(needed) else None


def wilson(hits: float, n: int, confidence: float = _CONFIDENCE) -> Interval:
    """Enclose a share of `hits` in `n` from both sides.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the
    American Statistical Association 22 (1927) 209–212.
    """
    if not n:
        return Interval(0.0, 1.0)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = hits / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return Interval(max(0.0, middle - half), min(1.0, middle + half))


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


def _bootstrap(pairs: Pairs, quantile: float) -> float:
    """Resample whole photos with their copies; gives a quantile of the loss over the pictures that were drawn."""
    lost, copies, photos = (np.array(column, float) for column in zip(*pairs.clusters, strict=True))
    # Photos to which the same happened cannot be told apart, so drawing them is drawing how many of each there are.
    draws = np.random.default_rng(_SEED).multinomial(pairs.n, photos / photos.sum(), size=_RESAMPLES)
    return float(np.quantile((draws @ lost) / (draws @ copies), quantile))


def _solve(pairs: Pairs, target: float) -> float:
    low, high = -1.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if score_statistic(pairs, middle) > target:
            low = middle
        else:
            high = middle
    return (low + high) / 2
