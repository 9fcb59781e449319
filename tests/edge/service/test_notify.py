"""What systemd hears of a run."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from answers import answer
from clock import Clock
from command import Command
from console_lines import Said
from edgeproof.edge.errors import InputError
from edgeproof.edge.service.notify import Notifier, watchdog_period
from edgeproof.edge.sinks import watchdog
from edgeproof.edge.sinks.watchdog import WatchdogSink
from notifications import PATIENCE, Listening

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="systemd is Linux's")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(watchdog, "time", clock)
    return clock


def heard(listener: socket.socket) -> list[str]:
    """Read what waits, without waiting for more."""
    messages = []
    while select.select([listener], [], [], 0)[0]:
        messages.append(listener.recv(4096).decode())
    return messages


@pytest.fixture(params=["path", "abstract"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An address of either kind."""
    return str(tmp_path / "notify") if request.param == "path" else f"@edgeproof-test-{os.getpid()}-{tmp_path.name}"


def test_a_message_arrives_as_it_was_sent(listening: Listening, address: str) -> None:
    listener = listening(address)
    notifier = Notifier(address)
    notifier.tell("READY=1", "STATUS=Schere, Stein, Papier: 🪨")
    notifier.close()
    assert heard(listener) == ["READY=1\nSTATUS=Schere, Stein, Papier: 🪨"]


@pytest.mark.parametrize("address", ["", "run/notify", "vsock:2:1234"])
def test_other_addresses_are_refused(address: str) -> None:
    with pytest.raises(InputError, match="expected NOTIFY_SOCKET with a path or an @name"):
        Notifier(address)


@pytest.mark.parametrize(
    ("environment", "period"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "60000000"}, 60.0),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "500000", "WATCHDOG_PID": str(os.getpid())}, 0.5),
    ],
)
def test_the_watchdog_is_ours_where_it_names_nobody_else(environment: dict[str, str], period: float | None) -> None:
    assert watchdog_period(environment) == period


@pytest.mark.parametrize("text", ["soon", "-1", "0"])
def test_a_period_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="expected WATCHDOG_USEC with microseconds"):
        watchdog_period({"WATCHDOG_USEC": text})


def test_ready_comes_with_the_first_answer_and_signs_of_life_with_later_ones(
    listening: Listening, clock: Clock, said: Said, tmp_path: Path
) -> None:
    listener = listening(str(tmp_path / "notify"))
    sink = WatchdogSink(Notifier(str(tmp_path / "notify")), 8.0, said.console)
    assert heard(listener) == []
    sink.write(answer())
    assert heard(listener) == ["READY=1\nWATCHDOG=1\nSTATUS=the first answer took 5.0 ms"]
    for _ in range(15):
        clock.now += 0.125
        sink.write(answer(dropped=3))
    assert heard(listener) == []
    clock.now += 0.125  # two seconds after the first: a quarter of what the watchdog allows
    sink.write(answer("unknown", 0.5, dropped=4))
    assert heard(listener) == [
        "WATCHDOG=1\nSTATUS=8.0 answers a second, 5.0 ms each, 4 dropped; unknown 0.50",
    ]
    sink.close()
    assert heard(listener) == []  # whether the service ends is known to its supervisor alone
    assert said.lines == []


def test_a_camera_that_is_away_is_no_reason_to_start_the_process_again(
    listening: Listening, said: Said, tmp_path: Path
) -> None:
    listener = listening(str(tmp_path / "notify"))
    sink = WatchdogSink(Notifier(str(tmp_path / "notify")), 8.0, said.console)
    sink.wait(3.0)  # it has never answered: what never worked is not ready
    assert heard(listener) == []
    sink.write(answer())
    heard(listener)
    sink.wait(3.4)
    assert heard(listener) == ["WATCHDOG=1\nSTATUS=no frame for 3 s; waiting for the camera"]
    sink.close()


def test_no_sign_of_life_is_given_while_no_answer_comes(
    listening: Listening, clock: Clock, said: Said, tmp_path: Path
) -> None:
    listener = listening(str(tmp_path / "notify"))
    sink = WatchdogSink(Notifier(str(tmp_path / "notify")), 8.0, said.console)
    sink.write(answer())
    heard(listener)
    clock.now += 3600
    assert heard(listener) == []
    sink.close()


def test_a_manager_that_is_away_is_told_of_once_and_found_again(
    listening: Listening, clock: Clock, said: Said, tmp_path: Path
) -> None:
    path = tmp_path / "notify"
    sink = WatchdogSink(Notifier(str(path)), None, said.console)
    for _ in range(3):
        sink.write(answer())
        clock.now += 10
    assert said.lines == ["warning: systemd does not hear: No such file or directory; the answers go on"]
    listener = listening(str(path))
    sink.write(answer(None, 18.96))
    assert heard(listener) == ["WATCHDOG=1\nSTATUS=0.1 answers a second, 5.0 ms each, 0 dropped; 18.96"]
    sink.close()


def test_a_run_says_that_it_is_ready_and_alive(listening: Listening, address: str, models: Path) -> None:
    listener = listening(address)
    command = [sys.executable, "-m", "edgeproof.edge", "run", str(models / "rps-int8.tflite"), "hands:40", "--quiet"]
    environment = {**os.environ, "NOTIFY_SOCKET": address, "WATCHDOG_USEC": "4000"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as process:  # noqa: S603 - ourselves
        messages = [listener.recv(4096).decode()]
        process.communicate(timeout=PATIENCE)
        messages += heard(listener)
    assert process.returncode == 0
    assert messages[0].startswith("READY=1\nWATCHDOG=1\nSTATUS=the first answer took ")
    assert len(messages) > 2
    assert all(message.startswith("WATCHDOG=1\nSTATUS=") for message in messages[1:])


def test_an_address_that_is_none_is_one_line(edgeproof: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", "nowhere")
    line = edgeproof.error("run", "rps-int8.tflite", "hands:1")
    assert line == "error: expected NOTIFY_SOCKET with a path or an @name, received 'nowhere'; unset it"
