"""The clock: how long a model takes to open, to answer first, and to answer again and again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields

from ..classifier import Classifier, Latency
from .frames import frame_for
from .statistics import Distribution

Answer = Callable[[], Latency]  # answers one frame
Clock = Callable[[], float]  # seconds
_HOPELESS_AFTER = 5  # frames
_WARM_UP, _MOST_WARM_UP = 0.1, 20  # of the time, and frames


@dataclass
class Times:
    """Milliseconds of each frame, by stage; `read` is from the output tensor to labels and probabilities."""

    preprocess: list[float] = field(default_factory=list)
    invoke: list[float] = field(default_factory=list)
    read: list[float] = field(default_factory=list)
    total: list[float] = field(default_factory=list)

    def add(self, latency: Latency) -> None:
        """Append one frame's."""
        self.preprocess.append(latency.preprocess)
        self.invoke.append(latency.invoke)
        self.read.append(latency.total - latency.preprocess - latency.invoke)
        self.total.append(latency.total)


def joined(series: Iterable[Times]) -> Times:
    """Put several series together."""
    whole = Times()
    for times in series:
        for stage in fields(Times):
            getattr(whole, stage.name).extend(getattr(times, stage.name))
    return whole


@dataclass(frozen=True)
class Stages:
    """The milliseconds of a warm answer, by stage."""

    preprocess_ms: Distribution
    invoke_ms: Distribution
    read_ms: Distribution
    total_ms: Distribution

    @classmethod
    def of(cls, times: Times) -> Stages:
        """Describe at least one frame's times."""
        return cls(*map(Distribution.of, (times.preprocess, times.invoke, times.read, times.total)))


@dataclass(frozen=True)
class Cold:
    """Milliseconds from a file to a model that is ready, and of its first answer."""

    open_ms: float
    first_ms: float


def answer_of(classifier: Classifier) -> Answer:
    """Make what answers one frame, always the same one."""
    frame = frame_for(classifier.contract.input)
    return lambda: classifier.classify(frame).latency


def opened(open_model: Callable[[], Classifier], clock: Clock = time.perf_counter) -> tuple[Classifier, Cold]:
    """Open a model and have it answer once; raises as `open_model` and `Classifier.classify` do."""
    start = clock()
    classifier = open_model()
    ready = clock()
    first = answer_of(classifier)().total
    return classifier, Cold((ready - start) * 1e3, first)


def warm_up(answer: Answer, seconds: float, clock: Clock = time.perf_counter) -> None:
    """Answer a few frames that do not count: caches fill, threads start, a frequency rises."""
    measure(answer, seconds * _WARM_UP, _MOST_WARM_UP, clock=clock)


def measure(
    answer: Answer,
    seconds: float,
    frames: int | None = None,
    hopeless_above: float | None = None,
    clock: Clock = time.perf_counter,
) -> Times:
    """Answer frames, at least one, until a time is up.

    Args:
        answer: what answers.
        seconds: how long.
        frames: how many at most.
        hopeless_above: milliseconds; where not one of a few answers was as fast, there is no need to go on.
        clock: seconds, of any zero.
    """
    times = Times()
    end = clock() + seconds
    while True:
        times.add(answer())
        n = len(times.total)
        if clock() >= end or n == frames:
            return times
        if hopeless_above is not None and n >= _HOPELESS_AFTER and min(times.total) > hopeless_above:
            return times


def measure_in_turn(
    answers: tuple[Answer, Answer], seconds: float, frames: int | None = None, clock: Clock = time.perf_counter
) -> tuple[Times, Times]:
    """Have two answer frames in turn, at least one each; which goes first alternates, for whoever does so may gain."""
    times = (Times(), Times())
    end = clock() + seconds
    while True:
        for side in (0, 1) if len(times[0].total) % 2 == 0 else (1, 0):
            times[side].add(answers[side]())
        if clock() >= end or len(times[0].total) == frames:
            return times
