"""Sources, models and sinks for the loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import numpy as np

from edgeproof.edge import loop
from edgeproof.edge.answer import Answer
from edgeproof.edge.classifier import Classifier, Latency, Prediction
from edgeproof.edge.loop import Summary
from edgeproof.edge.sources import Frame, Spare


def frame(index: int) -> Frame:
    return Frame(np.array([index]), "test", index, 0.0)


class Waiting:
    """A source that waits: frames 0, 1, 2 … and then the end, or an error."""

    live = False

    def __init__(self, count: int, error: Exception | None = None) -> None:
        self.asked, self.closed = 0, 0
        self._count, self._error = count, error

    def read(self, spare: Spare = None) -> Frame | None:  # noqa: ARG002 - the interface's
        self.asked += 1
        if self.asked <= self._count:
            return frame(self.asked - 1)
        if self._error is not None:
            raise self._error
        return None

    def close(self) -> None:
        self.closed += 1


class Answers:
    """A classifier that notes what it is asked and then does what the test says; answers take index + 1 ms."""

    def __init__(self, then: Callable[[int], object] = lambda _: None) -> None:
        self.asked: list[int] = []
        self._then = then

    def classify(self, sample: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> Prediction:
        index = int(sample[0])
        self.asked.append(index)
        self._then(index)
        scores = np.array([index], np.float32)
        return Prediction(None, float(index), scores, {}, Latency(0.0, 0.0, index + 1.0))


class Notes:
    """A sink that keeps what it is given and then does what the test says."""

    def __init__(self, then: Callable[[int], object] = lambda _: None) -> None:
        self.taken: list[tuple[int, float]] = []
        self.ages: list[float] = []
        self._then = then

    def write(self, answer: Answer) -> None:
        self.taken.append((answer.frame.index, answer.score))
        self.ages.append(answer.age)
        self._then(answer.frame.index)

    def close(self) -> None:
        raise AssertionError("sinks are the caller's to close")


def run(source: Waiting, answers: Answers, *sinks: Notes, limit: int | None = None) -> Summary:
    return loop.run(source, cast("Classifier", answers), sinks, limit)
