"""A source that fails, and is opened again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np
import pytest

from answers import until
from clock import Clock
from edgeproof.edge.errors import InputError
from edgeproof.edge.sources import Frame, Source, Spare
from edgeproof.edge.sources.stillness import Stillness
from edgeproof.edge.supervision import absence, recovering
from edgeproof.edge.supervision.absence import Absence
from edgeproof.edge.supervision.recovering import Recovering
from frames import Words

IMAGE = np.zeros((2, 2, 3), np.uint8)


class Plug:
    """A camera that gives so many frames each time it is opened, and then fails with what is next in its script."""

    live = True

    def __init__(self, *script: int | Exception | None) -> None:
        self.script = list(script)
        self.opened = self.closed = 0

    def open(self) -> Source:
        self.opened += 1
        if isinstance(self.script[0], Exception):
            raise self.script.pop(0)  # type: ignore[misc]
        return self

    def read(self, spare: Spare = None) -> Frame | None:  # noqa: ARG002 - the interface's
        if not isinstance(self.script[0], int):
            step = self.script.pop(0)
            if step is None:
                return None
            raise step
        self.script[0] -= 1
        if self.script[0] < 0:
            self.script.pop(0)
            return self.read()
        return Frame(IMAGE, "cam", 0, time.monotonic())

    def close(self) -> None:
        self.closed += 1


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovering, "_PAUSES", (0.0,))
    monkeypatch.setattr(absence, "time", Clock())  # or a long absence on a busy machine would be told of again


def lasting(
    plug: Plug, words: Words, first: Callable[[], Source] | None = None, give_up: float | None = None
) -> Recovering:
    opened = None if first is None else first()
    return Recovering(plug.open, opened, Stillness(1.5), Absence(words.console), give_up=give_up)


def test_source_that_fails_is_closed_and_opened_again(words: Words) -> None:
    plug = Plug(2, InputError("it was unplugged"), InputError("not there"), OSError("nor now"), 3)
    source = lasting(plug, words, plug.open)
    assert [source.read() is not None for _ in range(5)] == [True] * 5
    assert (plug.opened, plug.closed) == (4, 1)
    assert words.lines[0] == "warning: it was unplugged; it is opened again until frames come"
    assert words.lines[1].startswith("cam: frames again after ")
    assert len(words.lines) == 2


def test_stream_that_says_it_is_over_is_opened_again(words: Words) -> None:
    plug = Plug(1, None, 1)
    source = lasting(plug, words, plug.open)
    assert source.read() is not None
    assert source.read() is not None
    assert "its server hung up; it is opened again" in words.lines[0]


def test_failure_before_the_first_frame_is_raised(words: Words) -> None:
    plug = Plug(0, InputError("a region outside of the frame"))
    source = lasting(plug, words, plug.open)
    with pytest.raises(InputError, match="a region outside of the frame"):
        source.read()
    assert words.lines == []


def test_source_that_is_not_there_at_first_is_waited_for_where_that_is_asked(words: Words) -> None:
    plug = Plug(InputError("not there"), InputError("not there"), 1)
    source = lasting(plug, words)
    assert source.read() is not None
    assert plug.opened == 3


def test_failure_that_lasts_too_long_is_raised_after_all(words: Words) -> None:
    plug = Plug(1, *[OSError("gone")] * 3)
    source = lasting(plug, words, plug.open, give_up=0.0)
    assert source.read() is not None
    with pytest.raises(InputError, match="expected frames, received gone; check the camera"):
        source.read()


def test_wait_ends_when_the_run_does(words: Words, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovering, "_PAUSES", (60.0,))
    plug = Plug(*[InputError("not there")] * 9)
    source = lasting(plug, words)
    threading.Timer(0.05, source.cancel).start()
    assert source.read() is None


def test_mistakes_of_ours_are_not_recovered_from(words: Words) -> None:
    plug = Plug(1, ZeroDivisionError(), 1)
    source = lasting(plug, words, plug.open)
    source.read()
    with pytest.raises(ZeroDivisionError):
        source.read()


def test_call_that_does_not_return_is_seen_from_beside(words: Words, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovering, "_READING", 0.02)
    freed = threading.Event()

    class Hanging(Plug):
        def read(self, spare: Spare = None) -> Frame | None:
            freed.wait(120)
            return super().read(spare)

    plug = Hanging(1)
    source = lasting(plug, words, plug.open)
    assert source.stuck_for() < 0
    reading = threading.Thread(target=source.read)
    reading.start()
    until(lambda: source.stuck_for() > 0, "nobody sees that it hangs")
    freed.set()
    reading.join()
    assert source.stuck_for() < 0
