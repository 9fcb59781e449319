"""The device loop: frame, answer, sinks."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .answer import Answer
from .classifier import Classifier
from .newest import NewestFrame
from .sinks import Sink
from .sources import Source
from .steady import Steady

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


def run(
    source: Source,
    classifier: Classifier,
    sinks: Sequence[Sink],
    limit: int | None = None,
    steady: Steady | None = None,
) -> Summary:
    """Answer frames until the source ends, a person stops it (Ctrl-C, a closed window), or `limit` frames are answered.

    The source is closed at the end, whatever happens; the sinks are the caller's to close.

    Args:
        source: where frames come from. Of a live one the newest is taken and older ones are dropped.
        classifier: what answers them.
        sinks: what gets each answer, in turn.
        limit: how many frames at most.
        steady: what makes of answers what is shown; as they are where None.

    Raises:
        InputError: the source or a sink cannot go on.
    """
    frames = NewestFrame(source) if source.live else source
    latencies: deque[float] = deque(maxlen=_WINDOW)
    answered = 0
    start = time.monotonic()
    frame = None
    try:
        while (limit is None or answered < limit) and (
            frame := frames.read(None if frame is None else frame.image)
        ) is not None:
            age = time.monotonic() - frame.captured
            prediction = classifier.classify(frame.image)
            answered += 1
            latencies.append(prediction.latency.total)
            answer = Answer.plain(frame, prediction, age, _dropped(frames))
            if steady is not None:
                answer = steady.shown(answer)
            for sink in sinks:
                sink.write(answer)
    except (KeyboardInterrupt, StopIteration):
        # The two ways in which a person ends the loop; the summary below is the answer to both.
        pass
    finally:
        frames.close()
    return Summary(answered, _dropped(frames), time.monotonic() - start, float(np.median(latencies or [0.0])))


def _dropped(frames: Source) -> int:
    return frames.dropped if isinstance(frames, NewestFrame) else 0
