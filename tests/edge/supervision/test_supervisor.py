"""The supervisor, around workers that are a few lines of Python."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from answers import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it waits for signals as Linux does")

PATIENCE = 60  # seconds; only a test that fails waits so long


def started(work: str, setting: str = "") -> subprocess.Popen[str]:
    """Start a program whose worker does `work`, with the pulse at hand."""
    program = f"""
import os, signal, sys, time
from edgeproof.edge.supervision import supervisor
{textwrap.dedent(setting)}
def end(*_):
    raise KeyboardInterrupt
def work(pulse):
{textwrap.indent(textwrap.dedent(work), "    ")}
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, end)
sys.exit(supervisor.supervised(work))
"""
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", program], stdout=pipe, stderr=pipe, text=True)  # noqa: S603 - ours


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    with process:
        out, err = process.communicate(timeout=PATIENCE)
    return process.returncode, out, err


def has_ended(process: int) -> bool:
    """Tell whether it has, though whoever took it over may not have waited for it."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.mark.parametrize("code", [0, 1, 2])
def test_worker_that_ends_by_itself_is_the_end(code: int) -> None:
    assert ended(started(f"print('once'); return {code}")) == (code, "once\n", "")


def test_worker_that_crashes_is_started_again_and_goes_on_counting() -> None:
    work = """
    pulse.answered()
    print(pulse.workers, pulse.answers, flush=True)
    if pulse.workers < 3:
        os.kill(os.getpid(), signal.SIGSEGV)
    return 0
    """
    code, out, err = ended(started(work))
    assert (code, out) == (0, "1 1\n2 2\n3 3\n")
    assert err.splitlines() == [
        "warning: after 1 answer(s) the process crashed (SIGSEGV); starting it again",
        "warning: after 2 answer(s) the process crashed (SIGSEGV); starting it again",
    ]


def test_worker_that_a_signal_without_a_name_ends_is_started_again() -> None:
    work = """
    pulse.answered()
    if pulse.workers < 2:
        os.kill(os.getpid(), signal.SIGRTMIN + 2)
    return 0
    """
    code, _, err = ended(started(work))
    number = signal.SIGRTMIN + 2
    assert code == 0
    assert err == f"warning: after 1 answer(s) the process crashed (signal {number}); starting it again\n"


def test_crash_before_the_first_answer_is_an_error() -> None:
    code, out, err = ended(started("os.kill(os.getpid(), signal.SIGABRT)"))
    assert (code, out) == (2, "")
    assert err.startswith("error: expected a first answer, received a process that crashed (SIGABRT); its model, ")
    assert len(err.splitlines()) == 1


def test_what_the_first_worker_says_is_final_and_what_a_later_one_says_is_not() -> None:
    work = """
    pulse.answered()
    if pulse.workers == 1:
        pulse.ask_for_restart()
    return 2 if pulse.workers < 4 else 0
    """
    code, _, err = ended(started(work))
    assert code == 0
    assert err.splitlines() == [
        f"warning: after {count} answer(s) the process ended with 2; starting it again" for count in (1, 2, 3)
    ]
    assert ended(started("pulse.answered(); return 2"))[0] == 2


def test_restart_that_is_asked_for_is_given_whatever_the_code() -> None:
    work = """
    if pulse.workers == 1:
        pulse.ask_for_restart()
        return 2
    return 0
    """
    assert ended(started(work))[0] == 0


# With the first worker alone: a busy machine may be slow with the second.
IMPATIENT_ONCE = """
forked = supervisor._Supervisor._forked
def fork(self):
    supervisor._HANGING = 600 if self._pulse.workers else 0.3
    return forked(self)
supervisor._Supervisor._forked = fork
"""


def test_worker_without_a_beat_is_killed_and_started_again() -> None:
    work = """
    pulse.answered()
    if pulse.workers == 1:
        time.sleep(600)
    return 0
    """
    code, _, err = ended(started(work, IMPATIENT_ONCE))
    assert code == 0
    assert err == "warning: after 1 answer(s) the process hung; starting it again\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_the_worker_and_then_the_supervisor(number: signal.Signals) -> None:
    work = """
    try:
        print("ready", flush=True)
        while True:  # a signal just before a long sleep would be heard after it
            time.sleep(0.02)
    except KeyboardInterrupt:
        print("told", flush=True)
    return 0
    """
    process = started(work)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(number)
    code, out, err = ended(process)
    assert (code, out, err) == (0, "told\n", ""), err


def test_worker_that_does_not_end_is_killed() -> None:
    work = """
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("ready", flush=True)
    time.sleep(600)
    """
    process = started(work, "supervisor._ENDING = 0.3")
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.terminate()
    code, _, err = ended(process)
    assert code == 1
    assert err == "error: expected an orderly end within 0.3 s, received a process that hung\n"


def test_worker_without_a_supervisor_ends() -> None:
    work = """
    try:
        print(os.getpid(), flush=True)
        while True:
            pulse.beat()
            time.sleep(0.02)
    except KeyboardInterrupt:
        print("alone", flush=True)
    return 0
    """
    process = started(work)
    assert process.stdout is not None
    worker = int(process.stdout.readline())
    process.kill()
    assert process.stdout.readline() == "alone\n"
    ended(process)
    until(lambda: has_ended(worker), "the worker goes on")


def test_process_with_native_code_or_threads_is_not_forked() -> None:
    program = "import sys; from edgeproof.edge.supervision import supervisor; print(supervisor.is_possible())"
    for more, possible in (("", "True"), ("; import numpy; print(supervisor.is_possible())", "True\nFalse")):
        done = subprocess.run([sys.executable, "-c", program + more], capture_output=True, text=True, check=True)  # noqa: S603
        assert done.stdout.strip() == possible
