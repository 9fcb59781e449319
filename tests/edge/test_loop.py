from __future__ import annotations

import signal
from collections.abc import Callable

import pytest

from edgeproof.edge.errors import InputError
from edgeproof.edge.sources import Frame, Spare
from looping import Answers, Notes, Waiting, run


def failing(error: BaseException, at: int) -> Callable[[int], object]:
    def then(index: int) -> None:
        if index == at:
            raise error

    return then


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
