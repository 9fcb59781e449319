from __future__ import annotations

import signal
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
from edgeproof.edge.newest import NewestFrame
from edgeproof.edge.sources import Frame, Spare
from edgeproof.edge.steady import Steady, Steadying
from golden import RPS

PATIENCE = 20  # seconds; only a test that fails waits so long


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


def failing(error: BaseException, at: int) -> Callable[[int], object]:
    def then(index: int) -> None:
        if index == at:
            raise error

    return then


# Sources that wait


def test_every_frame_of_a_waiting_source_is_answered() -> None:
    source, answers, sinks = Waiting(5), Answers(), (Notes(), Notes())
    summary = run(source, answers, *sinks)
    assert answers.asked == [0, 1, 2, 3, 4]
    assert all(sink.taken == [(index, float(index)) for index in range(5)] for sink in sinks)
    assert (summary.frames, summary.dropped, summary.latency_ms) == (5, 0, 3.0)
    assert source.closed == 1


def test_source_without_frames_gives_an_empty_summary() -> None:
    summary = run(Waiting(0), Answers())
    assert (summary.frames, summary.dropped, summary.latency_ms) == (0, 0, 0.0)
    assert str(summary).startswith("0 frame(s) in 0.0 s")


def test_limit_ends_the_run_and_reads_no_further() -> None:
    source, answers = Waiting(5), Answers()
    assert run(source, answers, limit=2).frames == 2
    assert answers.asked == [0, 1]
    assert (source.asked, source.closed) == (2, 1)


def test_limit_beyond_the_end_does_not_wait() -> None:
    assert run(Waiting(3), Answers(), limit=100).frames == 3


def test_age_is_the_time_since_the_frame_was_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter([100.0, 100.5, 103.0])  # start, before the answer, end; the frame was taken at 0
    monkeypatch.setattr("edgeproof.edge.loop.time.monotonic", lambda: next(now))
    sink = Notes()
    summary = run(Waiting(1), Answers(), sink, limit=1)
    assert sink.ages == [100.5]
    assert summary.seconds == 3.0


@pytest.mark.parametrize("error", [KeyboardInterrupt(), StopIteration()], ids=["ctrl-c", "closed"])
@pytest.mark.parametrize("where", ["answer", "sink"])
def test_person_who_ends_the_run_gets_a_summary(error: BaseException, where: str) -> None:
    source = Waiting(9)
    then = failing(error, at=2)
    answers = Answers(then) if where == "answer" else Answers()
    summary = run(source, answers, Notes(then) if where == "sink" else Notes())
    assert summary.frames == (2 if where == "answer" else 3)
    assert source.closed == 1


def test_ctrl_c_while_waiting_for_a_frame_gives_a_summary() -> None:
    source = Waiting(2)

    def interrupt(_: Spare) -> Frame | None:
        signal.raise_signal(signal.SIGINT)
        return None

    source.read = interrupt  # type: ignore[method-assign]
    assert run(source, Answers()).frames == 0
    assert source.closed == 1


@pytest.mark.parametrize("error", [InputError("unplugged"), RuntimeError("a mistake of ours")])
def test_error_of_a_waiting_source_reaches_the_caller(error: Exception) -> None:
    source, answers = Waiting(2, error), Answers()
    with pytest.raises(type(error), match=str(error)):
        run(source, answers)
    assert answers.asked == [0, 1]
    assert source.closed == 1


def test_error_of_a_sink_reaches_the_caller() -> None:
    source = Waiting(5)
    with pytest.raises(InputError, match="disk full"):
        run(source, Answers(), Notes(failing(InputError("disk full"), at=1)))
    assert source.closed == 1


# Live sources


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
    assert "capture" not in {thread.name for thread in threading.enumerate()}


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
    (thread,) = [thread for thread in threading.enumerate() if thread.name == "capture"]
    thread.join(PATIENCE)
    frames.close()
    assert source.closed == 1


def test_summary_is_one_line() -> None:
    assert str(Summary(90, 3, 4.5, 1.25)) == ("90 frame(s) in 4.5 s (20.0 a second), 3 dropped, median latency 1.25 ms")


# Memory


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
    # Bytes in 200 frames, with what the threads of other tests leave behind; a frame has 921,600, the input 3,072.
    assert peak - at[0] < 48_000
