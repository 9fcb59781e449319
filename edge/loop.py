"""The device loop: frame, answer, sinks."""

from __future__ import annotations

import itertools
import time
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from .answer import Answer
from .classifier import Answering, Classifier
from .console import Console
from .newest import NewestFrame
from .sinks import Sink
from .sources import Frame, Source, open_source
from .steady import Steady
from .supervision.vigil import Vigil

_WINDOW = 10_000  # latencies kept for the summary; a device runs for months


@dataclass(frozen=True)
class Summary:
    """How a run went: frames answered and dropped, seconds, and the median milliseconds of one answer."""

    frames: int
    dropped: int
    seconds: float
    latency_ms: float

    def __str__(self) -> str:
        rate = self.frames / self.seconds if self.seconds else 0.0
        return (
            f"{self.frames} frame(s) in {self.seconds:.1f} s ({rate:.1f} a second), {self.dropped} dropped, "
            f"median latency {self.latency_ms:.2f} ms"
        )


def answers(source: str | Source, classifier: Classifier) -> Iterator[Answer]:
    """Answer frames until the source ends, each when the next answer is asked for.

    Of a live source the newest frame is taken and older ones are dropped, so no answer lags behind, whatever the caller
    does in between. An answer's image is written over when the next one is asked for: copy what is kept.

    Args:
        source: where frames come from: a name, as `edgeproof run` takes it ("0", "clip.mp4", a folder), or an open
            one. It is closed when the iteration ends or is given up.
        classifier: what answers them.

    Raises:
        InputError: the source does not open, or cannot go on.
    """
    if isinstance(source, str):
        source = open_source(source, classifier.contract.input, Console(quiet=True))
    frames = NewestFrame(source) if source.live else source
    try:
        yield from _Answering(frames, classifier)
    finally:
        frames.close()


class _Answering:
    """The answers of frames that are read as they are asked for; a generator lets no StopIteration out."""

    def __init__(self, frames: Source, classifier: Answering) -> None:
        self._frames, self._classifier = frames, classifier
        self._frame: Frame | None = None

    def __iter__(self) -> Iterator[Answer]:
        return self

    def __next__(self) -> Answer:
        self._frame = self._frames.read(None if self._frame is None else self._frame.image)
        if self._frame is None:
            raise StopIteration
        age = time.monotonic() - self._frame.captured
        prediction = self._classifier.classify(self._frame.image)
        return Answer.plain(self._frame, prediction, age, _dropped(self._frames))


def run(
    source: Source,
    classifier: Answering,
    sinks: Sequence[Sink],
    limit: int | None = None,
    steady: Steady | None = None,
    vigil: Vigil | None = None,
) -> Summary:
    """Answer frames until the source ends, a person stops it (Ctrl-C, a closed window), or `limit` frames are answered.

    The source is closed at the end, whatever happens; the sinks are the caller's to close.

    Args:
        source: where frames come from. Of a live one the newest is taken and older ones are dropped.
        classifier: what answers them; a guard of edge/updates exchanges its model between two of them.
        sinks: what gets each answer, in turn.
        limit: how many frames at most.
        steady: what makes of answers what is shown; as they are where None.
        vigil: what hears that a live source is silent; where None, a long silence is an error.

    Raises:
        InputError: the source or a sink cannot go on.
    """
    frames = NewestFrame(source, vigil) if source.live else source
    latencies: deque[float] = deque(maxlen=_WINDOW)
    answered = 0
    start = time.monotonic()
    try:
        for answer in itertools.islice(_Answering(frames, classifier), limit):
            answered += 1
            latencies.append(answer.prediction.latency.total)
            if steady is not None:
                answer = steady.shown(answer)
            for sink in sinks:
                sink.write(answer)
            if vigil is not None:
                vigil.answered()
    except (KeyboardInterrupt, StopIteration):
        # The two ways in which a person ends the loop; the summary below is the answer to both.
        pass
    finally:
        frames.close()
    return Summary(answered, _dropped(frames), time.monotonic() - start, _median(latencies))


def _median(values: Collection[float]) -> float:
    # Two lines, where numpy's own imports a megabyte of masked arrays at the end of each run.
    ordered = sorted(values) or [0.0]
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


def _dropped(frames: Source) -> int:
    return frames.dropped if isinstance(frames, NewestFrame) else 0
