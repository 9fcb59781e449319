"""Successive halving: the fastest of many, without giving the slow ones as much time as the fast ones.

All are measured briefly, the slower half is dropped, and what time is left goes to the others, again and again. Source:
Karnin, Koren and Somekh, "Almost Optimal Exploration in Multi-Armed Bandits", 2013. What is nearly as fast as the
fastest is never dropped: a second look is cheaper than a wrong answer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from ..errors import InputError

Candidate = TypeVar("Candidate", bound=Hashable)
# Measures a candidate for so many seconds, or until it is slower than so many milliseconds beyond doubt.
Measure = Callable[[Candidate, float, "float | None"], Sequence[float]]

_CLOSE = 1.1  # of the fastest's time: not dropped yet
_HOPELESS = 1.5  # of the fastest's time: not measured to the end
_LEAST_SECONDS = 0.05


@dataclass(frozen=True)
class Outcome(Generic[Candidate]):
    """How the candidates did.

    `times` has the milliseconds of each that was measured, `round_of` the last round that each took part in, from 1 on,
    and `finalists` those that were left at the end, the fastest first. `untried` are those that no time was left for,
    and `refused` has the reason why one did not run at all.
    """

    times: Mapping[Candidate, tuple[float, ...]]
    round_of: Mapping[Candidate, int]
    finalists: tuple[Candidate, ...]
    untried: tuple[Candidate, ...]
    refused: Mapping[Candidate, str]


def survivors(medians: Mapping[Candidate, float]) -> list[Candidate]:
    """List the faster half, rounded up, and those that are close to the fastest; the fastest first."""
    ranked = sorted(medians, key=medians.__getitem__)
    half = math.ceil(len(ranked) / 2)
    return [
        candidate
        for rank, candidate in enumerate(ranked)
        if rank < half or medians[candidate] <= _CLOSE * medians[ranked[0]]
    ]


def halve(
    candidates: Sequence[Candidate], measure: Measure[Candidate], seconds: float, clock: Callable[[], float]
) -> Outcome[Candidate]:
    """Find the fastest candidates.

    Args:
        candidates: any number, those that are thought to be fast first.
        measure: see `Measure`; what it raises as InputError is kept as the reason why a candidate does not run.
        seconds: for all of it.
        clock: seconds, of any zero.
    """
    return _Halving(measure, seconds, clock).run(candidates)


class _Halving(Generic[Candidate]):
    def __init__(self, measure: Measure[Candidate], seconds: float, clock: Callable[[], float]) -> None:
        self._measure, self._clock = measure, clock
        self._end = clock() + seconds
        self._times: dict[Candidate, list[float]] = {}
        self._overhead: dict[Candidate, float] = {}  # seconds that opening one takes
        self._round_of: dict[Candidate, int] = {}
        self._refused: dict[Candidate, str] = {}

    def run(self, candidates: Sequence[Candidate]) -> Outcome[Candidate]:
        alive = list(candidates)
        rounds = max(1, math.ceil(math.log2(len(alive)))) if alive else 0
        for number in range(1, rounds + 1):
            seconds = self._share(alive, rounds - number + 1)
            # In turn from either end, so that a machine that slows down does so for all.
            for candidate in alive if number % 2 else alive[::-1]:
                if self._clock() < self._end:
                    self._try(candidate, number, seconds)
            alive = survivors({one: self._median(one) for one in alive if one in self._times})
            if len(alive) < 2 or self._clock() >= self._end:
                break
        untried = [one for one in candidates if one not in self._times and one not in self._refused]
        times = {one: tuple(found) for one, found in self._times.items()}
        return Outcome(times, self._round_of, tuple(alive), tuple(untried), self._refused)

    def _share(self, alive: Sequence[Candidate], rounds: int) -> float:
        """Give the seconds for each candidate of a round, beside opening it."""
        round_seconds = (self._end - self._clock()) / rounds
        overhead = sum(self._overhead.get(one, 0.0) for one in alive)
        return max(_LEAST_SECONDS, (round_seconds - overhead) / len(alive))

    def _try(self, candidate: Candidate, number: int, seconds: float) -> None:
        fastest = min(map(self._median, self._times), default=None)
        start = self._clock()
        try:
            found = self._measure(candidate, seconds, None if fastest is None else _HOPELESS * fastest)
        except InputError as error:
            self._refused[candidate] = str(error)
            return
        self._overhead[candidate] = max(0.0, self._clock() - start - sum(found) / 1e3)
        self._times.setdefault(candidate, []).extend(found)
        self._round_of[candidate] = number

    def _median(self, candidate: Candidate) -> float:
        return float(np.median(self._times[candidate]))
