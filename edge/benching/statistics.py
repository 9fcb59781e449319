"""What a series of times says, and what it is too short to say."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_RESAMPLES = 1000
_CONFIDENCE = 0.95
_LEAST_PAIRS, _LEAST_OPENINGS = 20, 4  # below that, resampling says nothing of the tails

Series = Sequence[Sequence[float]]  # times by opening


@dataclass(frozen=True)
class Distribution:
    """A series of `n` times, all in the same unit; a percentile for which there are too few is None."""

    n: int
    median: float
    p95: float | None
    p99: float | None
    least: float
    most: float

    @classmethod
    def of(cls, times: Sequence[float]) -> Distribution:
        """Describe at least one time."""
        return cls(
            n=len(times),
            median=float(np.median(times)),
            p95=percentile(times, 95),
            p99=percentile(times, 99),
            least=float(min(times)),
            most=float(max(times)),
        )


@dataclass(frozen=True)
class Ratio:
    """How many times as long the second of two took as the first: the median over `n` pairs of several `openings`.

    `low` and `high` bound it at `confidence`; both are None where there are too few to say.
    """

    n: int
    openings: int
    ratio: float
    low: float | None
    high: float | None
    confidence: float = _CONFIDENCE

    @property
    def differs(self) -> bool:
        """Whether the interval leaves out that both take as long."""
        return self.low is not None and self.high is not None and not self.low <= 1 <= self.high


def needed(percent: int) -> int:
    """Count the times of which one lies beyond a percentile: 20 for the 95th, 100 for the 99th."""
    return math.ceil(100 / (100 - percent))


def percentile(times: Sequence[float], percent: int) -> float | None:
    """Give a percentile, interpolated; None where there are fewer than `needed` times."""
    return float(np.percentile(times, percent)) if len(times) >= needed(percent) else None


def midmean(times: Sequence[float]) -> float:
    """Give the mean of the middle half: finer than the median of whole microseconds, and as deaf to interruptions."""
    ordered = np.sort(np.asarray(times, float))
    cut = len(ordered) // 4
    return float(ordered[cut : len(ordered) - cut].mean())


def paired_ratio(first: Series, second: Series, seed: int = 0) -> Ratio:
    """Compare two models whose times were taken in turn, having opened both anew several times.

    The interval is a bootstrap's of both levels. Of openings, because where in memory a model happens to lie makes it
    faster or slower for as long as it is open; and within each of blocks of n^⅓ pairs, because what disturbs one frame
    disturbs the next one too (Künsch 1989).

    Args:
        first: for each opening, times above 0.
        second: for each opening as many, in the same unit.
        seed: of the resampling.
    """
    logs = [np.log(np.asarray(b, float) / np.asarray(a, float)) for a, b in zip(first, second, strict=True)]
    n = sum(map(len, logs))
    ratio = float(np.exp(np.median(np.concatenate(logs))))
    if n < _LEAST_PAIRS or len(logs) < _LEAST_OPENINGS:
        return Ratio(n, len(logs), ratio, None, None)
    random = np.random.default_rng(seed)
    medians = [
        np.median(np.concatenate([_resampled(logs[one], random) for one in random.integers(len(logs), size=len(logs))]))
        for _ in range(_RESAMPLES)
    ]
    tail = (1 - _CONFIDENCE) / 2 * 100
    low, high = np.exp(np.percentile(medians, [tail, 100 - tail]))
    return Ratio(n, len(logs), ratio, float(low), float(high))


def _resampled(series: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.float64]:
    """Draw a series of the same length in blocks, which go on at the beginning where they pass the end."""
    n = len(series)
    block = max(1, round(n ** (1 / 3)))
    starts = random.integers(n, size=math.ceil(n / block))
    drawn: NDArray[np.float64] = series[(starts[:, None] + np.arange(block)).ravel()[:n] % n]
    return drawn
