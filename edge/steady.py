"""Answers, not noise: what a person is shown of a stream of answers that flicker."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .answer import Answer
from .contract import UNKNOWN
from .scores import highest


@dataclass(frozen=True)
class Steadying:
    """How much answers are steadied; each part is off at its default.

    `weight` is the share of the newest frame in the exponential moving average of the probabilities. A label is shown
    once `votes` of the last `window` frames say it, and "unknown" until one has so many. A label that is shown stays
    for `hold` seconds at least, by the time at which frames were taken.
    """

    weight: float = 1.0
    votes: int = 1
    window: int = 1
    hold: float = 0.0

    def __post_init__(self) -> None:
        if not 0 < self.weight <= 1:
            raise ValueError(f"expected a weight above 0 and up to 1, received {self.weight}")
        # With half of the votes or fewer, two labels could have them at once.
        if not (0 < self.votes <= self.window and 2 * self.votes > self.window):
            raise ValueError(f"expected more than half of the frames as votes, received {self.votes} of {self.window}")
        if not self.hold >= 0:
            raise ValueError(f"expected a hold of 0 seconds or more, received {self.hold}")


class Steady:
    """Steadies one stream of answers; `unknown_below` is the score under which a label is "unknown"."""

    def __init__(self, how: Steadying, unknown_below: float) -> None:
        self._how, self._unknown_below = how, unknown_below
        self._mean: NDArray[np.float64] | None = None
        self._votes: deque[str] = deque(maxlen=how.window)
        self._shown: str | None = None
        self._since = 0.0  # when the label that is shown was taken, in seconds of time.monotonic

    def shown(self, answer: Answer) -> Answer:
        """Give an answer as it is to be shown, after those before it; a regression's passes as it is."""
        if answer.label is None:
            return answer
        probabilities = self._averaged(answer)
        origin = answer.prediction.origin
        if origin is not None:  # a model that took the place of another has a threshold of its own
            self._unknown_below = origin.unknown_below
        label = self._held(self._voted(self._best(probabilities)), answer.frame.captured)
        score = highest(probabilities.values()) if label == UNKNOWN else probabilities[label]
        return replace(answer, label=label, score=score, probabilities=probabilities)

    def _averaged(self, answer: Answer) -> dict[str, float]:
        if self._how.weight == 1:
            return dict(answer.probabilities)
        newest = np.fromiter(answer.probabilities.values(), np.float64, len(answer.probabilities))
        if self._mean is None or not np.isfinite(newest).all():
            # NaN would stay in the mean for ever: it is shown, and the frame after it starts anew.
            self._mean = newest if np.isfinite(newest).all() else None
            return dict(answer.probabilities)
        self._mean += self._how.weight * (newest - self._mean)
        return dict(zip(answer.probabilities, self._mean.tolist(), strict=True))

    def _best(self, probabilities: dict[str, float]) -> str:
        score = highest(probabilities.values())
        if not score >= self._unknown_below:  # NaN is not
            return UNKNOWN
        return next(label for label, value in probabilities.items() if value == score)

    def _voted(self, label: str) -> str:
        self._votes.append(label)
        most, votes = Counter(self._votes).most_common(1)[0]
        return most if votes >= self._how.votes else UNKNOWN

    def _held(self, label: str, at: float) -> str:
        if self._shown is None or (label != self._shown and at - self._since >= self._how.hold):
            self._shown, self._since = label, at
        return self._shown
