"""What is said and done while a source is silent."""

from __future__ import annotations

import pytest

from clock import Clock
from edgeproof.edge.answer import Answer
from edgeproof.edge.errors import InputError
from edgeproof.edge.sources.stillness import Stillness
from edgeproof.edge.supervision import absence as absences
from edgeproof.edge.supervision import vigil as vigils
from edgeproof.edge.supervision.absence import Absence
from edgeproof.edge.supervision.pulse import Pulse
from edgeproof.edge.supervision.recovering import Recovering
from edgeproof.edge.supervision.vigil import Vigil
from frames import Words


class Shown:
    """A sink that can wait."""

    def __init__(self) -> None:
        self.waited: list[float] = []

    def write(self, answer: Answer) -> None:
        raise AssertionError(answer)

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)

    def close(self) -> None:
        raise AssertionError


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(absences, "time", clock)
    monkeypatch.setattr(vigils, "time", clock)
    return clock


@pytest.fixture
def source(words: Words) -> Recovering:
    return Recovering(lambda: pytest.fail("nobody reads it"), None, Stillness(1.5), Absence(words.console))


def test_silence_is_told_once_and_its_end_too(words: Words, clock: Clock, source: Recovering) -> None:
    absence = Absence(words.console)
    vigil = Vigil(source, absence, [], None)
    for tick in range(20):
        clock.now = 100 + tick / 4
        vigil.silent("cam", tick / 4)
    absence.end("cam")
    absence.end("cam")
    assert words.lines == [
        "warning: cam: no frame for 1.5 s; waiting for it",
        "cam: frames again after 3.2 s",
    ]


@pytest.mark.usefixtures("clock")
def test_camera_that_was_asked_for_few_frames_may_be_silent_longer(words: Words, source: Recovering) -> None:
    vigil = Vigil(source, Absence(words.console), [], None, interval=2.0)
    vigil.silent("cam", 3.4)
    assert words.lines == []
    vigil.silent("cam", 3.5)
    assert words.lines == ["warning: cam: no frame for 3.5 s; waiting for it"]


def test_sinks_that_can_wait_are_told_once_a_second(words: Words, clock: Clock, source: Recovering) -> None:
    shown = Shown()
    vigil = Vigil(source, Absence(words.console), [shown], None)
    for tick in range(20):
        clock.now = 100 + tick / 4
        vigil.silent("cam", tick / 4)
    assert shown.waited == [1.5, 2.5, 3.5, 4.5]


def test_driver_that_hangs_ends_the_process_which_is_started_again(
    words: Words, source: Recovering, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulse = Pulse()
    vigil = Vigil(source, Absence(words.console), [], pulse)
    monkeypatch.setattr(source, "stuck_for", lambda: 0.1)
    with pytest.raises(InputError, match="from a call into its driver that does not return; the process is started"):
        vigil.silent("cam", 3.6)
    assert pulse.take_request()
    with pytest.raises(InputError, match="does not return; check its plug, and start again"):
        Vigil(source, Absence(words.console), [], None).silent("cam", 3.6)


def test_other_reasons_for_one_absence_are_told_after_a_while(words: Words, clock: Clock) -> None:
    absence = Absence(words.console)
    for second in range(30):
        clock.now = 100.0 + second
        absence.begin("silent" if second == 0 else "refused" if second < 20 else "unauthorized")
    assert words.lines == ["warning: silent", "warning: refused", "warning: unauthorized"]
