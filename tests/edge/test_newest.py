from __future__ import annotations

import threading
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from edgeproof.edge import loop, newest
from edgeproof.edge.answer import Answer
from edgeproof.edge.classifier import Classifier, Latency, Prediction
from edgeproof.edge.errors import InputError
from edgeproof.edge.loop import Summary
from edgeproof.edge.newest import Limit, NewestFrame
from edgeproof.edge.sources import Frame, Spare
from edgeproof.edge.steady import Steady, Steadying
from golden import RPS
from looping import Answers, Waiting, frame, run

PATIENCE = 60  # seconds; only a test that fails waits so long


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is given up because the machine is busy."""
    monkeypatch.setattr(newest, "Limit", lambda: Limit(PATIENCE))
    monkeypatch.setattr(newest, "_PATIENCE", PATIENCE)


class Live(Waiting):
    """A source that goes on: each frame comes when `allow` has counted it, and `stored` says that it was taken."""

    live = True

    def __init__(self, count: int, error: Exception | None = None) -> None:
        super().__init__(count, error)
        self._allowed = threading.Semaphore(0)
        self._taken = threading.Semaphore(0)

    def read(self, spare: Spare = None) -> Frame | None:
        if self.asked:
            self._taken.release()  # whoever asks for the next frame has stored the last
        assert self._allowed.acquire(timeout=PATIENCE)
        return super().read(spare)

    def allow(self, count: int) -> None:
        """Let so many frames come."""
        self._allowed.release(count)

    def stored(self, count: int) -> None:
        """Wait until so many frames were stored."""
        for _ in range(count):
            assert self._taken.acquire(timeout=PATIENCE)


def test_newest_frame_of_a_live_source_wins_and_drops_are_counted() -> None:
    source = Live(6)

    def meanwhile(index: int) -> None:
        if index == 0:  # while the first frame is being answered, five more come
            source.allow(5)
            source.stored(5 + 1)
        else:
            source.allow(1)  # the end

    answers = Answers(meanwhile)
    source.allow(1)
    summary = run(source, answers)
    assert answers.asked == [0, 5]
    assert (summary.frames, summary.dropped) == (2, 4)
    assert source.closed == 1


def test_live_source_that_is_slow_loses_no_frame() -> None:
    source = Live(4)
    answers = Answers(lambda _: source.allow(1))  # the next frame comes only after the answer to the last
    source.allow(1)
    summary = run(source, answers)
    assert answers.asked == [0, 1, 2, 3]
    assert summary.dropped == 0


def test_limit_ends_a_live_run() -> None:
    source = Live(100)
    answers = Answers(lambda _: source.allow(1))
    source.allow(1)
    assert run(source, answers, limit=3).frames == 3


def test_frame_before_an_error_is_answered_and_the_error_reaches_the_caller() -> None:
    source = Live(2, InputError("unplugged"))

    def meanwhile(index: int) -> None:
        if index == 0:
            source.allow(2)  # one more frame, then the error

    answers = Answers(meanwhile)
    source.allow(1)
    with pytest.raises(InputError, match="unplugged"):
        run(source, answers)
    assert answers.asked == [0, 1]
    assert source.closed == 1


def test_frame_is_given_once() -> None:
    source = Live(2)
    frames = NewestFrame(source)
    source.allow(1)
    first = frames.read()
    source.allow(2)
    assert [first, frames.read(), frames.read(), frames.read()] == [frame(0), frame(1), None, None]
    frames.close()


def test_closing_ends_the_thread_of_a_live_source() -> None:
    source = Waiting(10**9)  # which never makes the thread wait, and never ends
    frames = NewestFrame(source)
    assert frames.read() is not None
    frames.close()
    assert source.closed == 1
    assert not frames._thread.is_alive()


def test_source_is_not_closed_while_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """To release a camera that is being read can crash the process."""
    monkeypatch.setattr(newest, "_PATIENCE", 0.0)
    source = Live(9)
    frames = NewestFrame(source)
    source.allow(1)
    assert frames.read() == frame(0)
    source.stored(1)  # and now the thread waits for the next one
    frames.close()
    assert source.closed == 0
    source.allow(1)
    frames._thread.join(PATIENCE)
    frames.close()
    assert source.closed == 1


def test_summary_is_one_line() -> None:
    assert str(Summary(90, 3, 4.5, 1.25)) == ("90 frame(s) in 4.5 s (20.0 a second), 3 dropped, median latency 1.25 ms")


class Camera:
    """A live source as a camera is: it writes into the image that it is given, or into a new one."""

    live = True

    def __init__(self, count: int) -> None:
        self.images: set[int] = set()
        self._count = count
        self._index = 0
        self.answered = threading.Semaphore(1)  # the next frame comes when the last was answered

    def read(self, spare: Spare = None) -> Frame | None:
        if self._index == self._count:
            return None
        assert self.answered.acquire(timeout=PATIENCE)
        image = np.empty((480, 640, 3), np.uint8) if spare is None else spare
        self.images.add(image.ctypes.data)
        image[::16] = self._index % 256
        self._index += 1
        return Frame(image, "camera", self._index - 1, time.monotonic())

    def close(self) -> None:
        pass


def test_three_images_go_round() -> None:
    source = Camera(50)
    seen: list[tuple[int, int]] = []

    def note(answer: Answer) -> None:
        seen.append((answer.frame.index, int(answer.frame.image[0, 0, 0])))
        source.answered.release()

    loop.run(source, cast("Classifier", Frames()), [Calls(note)])
    assert seen == [(index, index) for index in range(50)]
    assert len(source.images) <= 3


class Frames:
    """A classifier that answers any frame."""

    def classify(self, sample: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> Prediction:  # noqa: ARG002 - as the real one
        return Prediction("rock", 1.0, np.ones(1, np.float32), {"rock": 1.0}, Latency(0.0, 0.0, 1.0))


class Calls:
    """A sink that hands each answer on."""

    def __init__(self, call: Callable[[Answer], object]) -> None:
        self._call = call

    def write(self, answer: Answer) -> None:
        self._call(answer)

    def close(self) -> None:
        pass


@pytest.mark.parametrize("name", RPS)
@pytest.mark.parametrize("live", [True, False], ids=["live", "waiting"])
def test_no_frame_is_allocated_after_the_first_ones(models: Path, name: str, live: bool) -> None:
    """From camera to answer, with the real interpreters: what is allocated per frame is far less than a frame."""
    warm, count = 20, 220
    source = Camera(count)
    source.live = live
    at: list[int] = []

    def measure(answer: Answer) -> None:
        if answer.frame.index == warm:
            tracemalloc.start()
            at.append(tracemalloc.get_traced_memory()[0])
        source.answered.release()

    try:
        steady = Steady(Steadying(0.5, 2, 3, 0.1), 0.5)
        loop.run(source, Classifier.open(models / name), [Calls(measure)], steady=steady)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak - at[0] < 60_000  # bytes in 200 frames, of which the summary keeps some; one frame has 921,600
