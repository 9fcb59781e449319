"""A run with updates, as the campaign drives it: a live source on a pace, and notes of every answer."""

from __future__ import annotations

import io
import threading
import time
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from edgeproof.edge.answer import Answer
from edgeproof.edge.sources import Frame, Spare
from edgeproof.edge.sources.hands import HandsSource

_DRAWN = 60  # frames, shown again and again


class PacedHands:
    """A camera of so many frames a second that shows hands, until it is told to end."""

    live = True

    def __init__(self, rate: float, seed: int) -> None:
        drawn = HandsSource(_DRAWN, seed)
        self._images: list[NDArray[np.generic]] = []
        while (frame := drawn.read()) is not None:
            self._images.append(frame.image)
        self._interval = 1 / rate
        self._index = 0
        self._due: float | None = None
        self.ended = threading.Event()

    def read(self, spare: Spare = None) -> Frame | None:
        """Wait until the next frame is due."""
        now = time.monotonic()
        if self._due is None or now > self._due + self._interval:
            self._due = now  # as a camera whose frames nobody fetched
        if self.ended.wait(self._due - now):
            return None
        self._due += self._interval
        image = self._images[self._index % len(self._images)]
        if spare is not None and spare.shape == image.shape:
            np.copyto(spare, image)
            image = spare
        else:
            image = image.copy()
        self._index += 1
        return Frame(image, "paced", self._index - 1, time.monotonic())

    def close(self) -> None:
        """End."""
        self.ended.set()


@dataclass
class Notes:
    """A sink that notes, for each frame: its number, when its answer began, how long it was waited for, and by whom."""

    indices: list[int] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)  # seconds
    waits: list[float] = field(default_factory=list)  # milliseconds from the frame to its answer
    inferences: list[float] = field(default_factory=list)  # milliseconds
    files: list[str] = field(default_factory=list)

    def write(self, answer: Answer) -> None:
        """Note one answer."""
        frame, prediction = answer.frame, answer.prediction
        self.indices.append(frame.index)
        self.starts.append(frame.captured + answer.age)
        self.waits.append((time.monotonic() - frame.captured) * 1e3)
        self.inferences.append(prediction.latency.total)
        self.files.append("" if prediction.origin is None else prediction.origin.file)

    def close(self) -> None:
        """Nothing is held open."""

    @property
    def gaps(self) -> list[float]:
        """Milliseconds between the beginnings of answers that follow one another."""
        return [float(gap) for gap in np.diff(self.starts) * 1e3]

    @property
    def unanswered(self) -> int:
        """Frames of the source between the first answer and the last that had none."""
        return self.indices[-1] - self.indices[0] + 1 - len(self.indices) if self.indices else 0


class Lines(io.StringIO):
    """A console's stream: lines that another thread can wait for."""

    def __init__(self) -> None:
        super().__init__()
        self._changed = threading.Condition()
        self.lines: list[str] = []

    def write(self, text: str) -> int:
        """Take text; a line is whole with its end."""
        with self._changed:
            self.lines += [line for line in text.splitlines() if line]
            self._changed.notify_all()
        return len(text)

    def about(self, name: str, words: tuple[str, ...], patience: float) -> str | None:
        """Wait for a line about a file that holds one of some words."""

        def found() -> str | None:
            return next(
                (line for line in self.lines if f"update {name}: " in line and any(word in line for word in words)),
                None,
            )

        with self._changed:
            return self._changed.wait_for(found, patience)
