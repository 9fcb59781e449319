"""How old frames are when inference on them begins: a camera of 30 frames a second, and a model that takes 100 ms."""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import cast

import numpy as np
from harness import Row, cost

from edgeproof.edge import loop
from edgeproof.edge.answer import Answer
from edgeproof.edge.classifier import Classifier, Latency, Prediction
from edgeproof.edge.preprocess import Pixels
from edgeproof.edge.sources import Frame, Spare

_RATE = 30  # frames a second
_INFERENCE = 0.1  # seconds, a tenth more or less, or answers and frames would march in step
_BUFFERS = 4  # that a V4L2 driver fills before it throws new frames away


class Camera:
    """A camera with its driver's queue: frames come by the clock, whether or not they are read."""

    live = True

    def __init__(self, count: int) -> None:
        self._count = count
        self._queue: deque[Frame] = deque()
        self._changed = threading.Condition()
        self._ended = False
        threading.Thread(target=self._run, daemon=True).start()

    def read(self, spare: Spare = None) -> Frame | None:  # noqa: ARG002 - the interface's
        """Wait for the oldest frame of the queue."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._ended)
            return self._queue.popleft() if self._queue else None

    def close(self) -> None:
        """Nothing is held open."""

    def _run(self) -> None:
        image: Pixels = np.zeros((480, 640, 3), np.uint8)
        start = time.monotonic()
        for index in range(self._count):
            due = start + index / _RATE
            time.sleep(max(0.0, due - time.monotonic()))
            with self._changed:
                if len(self._queue) < _BUFFERS:
                    self._queue.append(Frame(image, "camera", index, due))
                    self._changed.notify()
        with self._changed:
            self._ended = True
            self._changed.notify()


@dataclass
class Ages:
    """What was inferred: ages in milliseconds when inference began, and the frames' indices."""

    ages: list[float]
    indices: list[int]

    def percentile(self) -> float:
        """Give the 95th percentile."""
        return float(np.percentile(self.ages, 95))

    def halves(self) -> tuple[list[float], list[float]]:
        """Give the ages of the first and of the second half."""
        return self.ages[: len(self.ages) // 2], self.ages[len(self.ages) // 2 :]


class _SlowModel:
    """A model that takes 100 ms, on cores of its own as an accelerator has them."""

    def __init__(self) -> None:
        self._rng = random.Random(0)  # noqa: S311 - a jitter, not a secret

    def classify(self, sample: Pixels) -> Prediction:  # noqa: ARG002 - as the classifier's
        time.sleep(_INFERENCE * self._rng.uniform(0.9, 1.1))
        return Prediction("rock", 1.0, np.ones(1, np.float32), {"rock": 1.0}, Latency(0.0, 100.0, 100.0))


class _Notes:
    def __init__(self) -> None:
        self.noted = Ages([], [])

    def write(self, answer: Answer) -> None:
        self.noted.ages.append(answer.age * 1e3)
        self.noted.indices.append(answer.frame.index)

    def close(self) -> None:
        pass


def ours(seconds: float) -> Ages:
    """Run the device loop."""
    notes = _Notes()
    loop.run(Camera(round(seconds * _RATE)), cast("Classifier", _SlowModel()), [notes])
    return notes.noted


def usual(seconds: float) -> Ages:
    """Run the usual loop: read, infer, read, infer."""
    camera, model, found = Camera(round(seconds * _RATE)), _SlowModel(), Ages([], [])
    while (frame := camera.read()) is not None:
        found.ages.append((time.monotonic() - frame.captured) * 1e3)
        found.indices.append(frame.index)
        model.classify(frame.image)  # type: ignore[arg-type]  # a picture
    return found


def measure(rounds: int, seconds: float = 10.0) -> list[Row]:
    """Compare both loops, in turn."""
    pairs = [(ours(seconds), usual(seconds)) for _ in range(rounds)]
    mine = [one.percentile() for one, _ in pairs]
    early, late = (np.concatenate([one.halves()[half] for one, _ in pairs]) for half in (0, 1))
    growth = max(0.0, float(np.median(late) - np.median(early)))
    repeated = sum(len(one.indices) - len(set(one.indices)) for one, _ in pairs)
    name = "age of frames, 30 a second, model of 100 ms"
    return [
        cost(f"{name}: 95th percentile, against 40 ms", mine, [40.0], "ms", 1),
        cost(f"{name}: beside read-then-infer", mine, [one.percentile() for _, one in pairs], "ms", 3),
        cost(f"{name}: growth over {seconds:g} s, +1, against 10 ms", [growth + 1], [11.0], "ms", 1),
        cost(f"{name}: frames inferred twice, +1, against none", [repeated + 1], [1], "", 1),
    ]
