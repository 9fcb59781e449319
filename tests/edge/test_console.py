from __future__ import annotations

import io
from types import SimpleNamespace

import pytest

from edgeproof.edge import console as module
from edgeproof.edge.console import Console, bar, progress_line, table


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: self.now))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def work(stream: io.StringIO, clock: Clock, seconds: float, steps: int = 40, *, quiet: bool = False) -> str:
    """Do a task of so many steps, `seconds` in all; returns what was printed."""
    with Console(quiet=quiet, stream=stream).progress("decoding", steps) as progress:
        for _ in range(steps):
            clock.now += seconds / steps
            progress.advance()
    return stream.getvalue()


def test_lines_go_to_the_stream() -> None:
    stream = io.StringIO()
    console = Console(stream=stream)
    console.say("done")
    console.warn("3 pictures")
    assert stream.getvalue() == "done\nwarning: 3 pictures\n"


def test_lines_go_to_standard_error_unless_told_otherwise(capsys: pytest.CaptureFixture[str]) -> None:
    Console().say("done")
    assert capsys.readouterr() == ("", "done\n")


def test_quiet_leaves_warnings() -> None:
    stream = io.StringIO()
    console = Console(quiet=True, stream=stream)
    console.say("done")
    console.warn("3 pictures")
    assert stream.getvalue() == "warning: 3 pictures\n"


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()], ids=["file", "terminal"])
def test_short_task_shows_nothing(stream: io.StringIO, clock: Clock) -> None:
    assert work(stream, clock, seconds=0.9) == ""


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()], ids=["file", "terminal"])
def test_quiet_task_shows_nothing(stream: io.StringIO, clock: Clock) -> None:
    assert work(stream, clock, seconds=60, quiet=True) == ""


def test_long_task_is_a_few_plain_lines_where_there_is_no_terminal(clock: Clock) -> None:
    lines = work(io.StringIO(), clock, seconds=40).splitlines()
    assert lines == [
        "decoding: 1/40, 39 s left",
        "decoding: 11/40, 29 s left",
        "decoding: 21/40, 19 s left",
        "decoding: 31/40, 9 s left",
        "decoding: 40/40 in 40.0 s",
    ]


def test_task_of_two_seconds_is_shown(clock: Clock) -> None:
    assert work(io.StringIO(), clock, seconds=2).splitlines()[-1] == "decoding: 40/40 in 2.0 s"


def test_bar_on_a_terminal_stays_on_one_line(clock: Clock) -> None:
    shown = work(Terminal(), clock, seconds=40)
    assert shown.count("\n") == 1
    assert shown.endswith("decoding: 40/40 in 40.0 s\n")
    assert len(shown.split("\r\x1b[K")) > 30
    assert "█" * 12 + "░" * 12 in shown


def test_task_that_fails_leaves_its_last_state(clock: Clock) -> None:
    stream = io.StringIO()

    def fail() -> None:
        with Console(stream=stream).progress("decoding", 9) as progress:
            for _ in range(2):
                clock.now += 1.5
                progress.advance()
            raise ValueError("x")

    with pytest.raises(ValueError, match="x"):
        fail()
    assert stream.getvalue().splitlines() == ["decoding: 1/9, 12 s left", "decoding: 2/9, 10 s left"]


def test_step_that_takes_long_is_announced_at_once(clock: Clock) -> None:
    stream = io.StringIO()
    with Console(stream=stream).progress("exporting", 2) as progress:
        progress.announce("int8")
        clock.now += 4
        progress.advance()
        progress.announce("fp32")
        progress.advance()
    assert stream.getvalue().splitlines() == [
        "exporting: 0/2 · int8",
        "exporting: 1/2, 4 s left · int8",
        "exporting: 1/2, 4 s left · fp32",
        "exporting: 2/2 in 4.0 s · fp32",
    ]


def test_nothing_is_announced_when_quiet(clock: Clock) -> None:
    stream = io.StringIO()
    with Console(quiet=True, stream=stream).progress("exporting", 2) as progress:
        progress.announce("int8")
        clock.now += 4
        progress.advance()
    assert stream.getvalue() == ""


@pytest.mark.parametrize(
    ("done", "note", "line"),
    [
        (0, "", "training: 0/8"),
        (2, "", "training: 2/8, 18 s left"),
        (2, "loss 0.1", "training: 2/8, 18 s left · loss 0.1"),
        (8, "", "training: 8/8 in 6.0 s"),
    ],
)
def test_progress_is_worded(done: int, note: str, line: str) -> None:
    assert progress_line("training", done, 8, 6.0, note) == line


@pytest.mark.parametrize(("done", "total", "filled"), [(0, 8, 0), (2, 8, 6), (8, 8, 24), (9, 8, 24), (0, 0, 0)])
def test_bar_has_a_fixed_width(done: int, total: int, filled: int) -> None:
    assert bar(done, total) == "█" * filled + "░" * (24 - filled)


def test_table_is_aligned() -> None:
    rows = [
        ("model", "accuracy", "size", "verdict"),
        ("Keras float32", "97.5%", "1.2 MB", "reference"),
        ("a", "100.0%", "–", ""),
    ]
    assert table(rows).splitlines() == [
        "model          accuracy    size  verdict",
        "─────────────  ────────  ──────  ─────────",
        "Keras float32     97.5%  1.2 MB  reference",
        "a                100.0%       –",
    ]
