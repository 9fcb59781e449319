# ruff: noqa: F401, F811 - the fixtures of mqtt_home are known by their names

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import tracemalloc
from pathlib import Path
from typing import NoReturn

import pytest

pytest.importorskip("paho.mqtt")

from answers import ABOUT, answer, until
from console_lines import Said
from edgeproof.edge.sinks import mqtt
from edgeproof.edge.sinks.broker import Broker
from edgeproof.edge.sinks.home_assistant import STATUS
from edgeproof.edge.sinks.mqtt import MqttSink
from mosquitto import Listener, Mosquitto, needs_mosquitto, retained
from mqtt_home import (
    AVAILABILITY,
    CONFIG,
    STATE,
    TOPIC,
    Clock,
    Open,
    clock,
    connected,
    connections,
    listener,
    mosquitto,
    open_sink,
)

pytestmark = needs_mosquitto


def test_broker_that_starts_late_gets_the_newest_state(
    open_sink: Open, mosquitto: Mosquitto, said: Said, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt, "_BACK_OFF", (0.05, 0.2))
    mosquitto.stop()
    sink = open_sink()
    until(lambda: len(said.lines) == 1, "no warning")
    for frame in range(50):
        clock.now += 1
        sink.write(answer("paper", frame / 64))
    time.sleep(0.5)  # several tries
    mosquitto.start()
    until(lambda: connections(said) == 1, "no connection")
    until(lambda: STATE in retained(mosquitto.port), "no state")
    kept = retained(mosquitto.port)
    assert json.loads(kept[STATE])["score"] == round(49 / 64, 6)
    assert {AVAILABILITY, CONFIG} < set(kept)
    assert said.warnings == [
        f"warning: --mqtt: expected a broker at 127.0.0.1:{mosquitto.port}, received Connection refused; tried again "
        "with growing pauses, the rest goes on"
    ]


def test_broker_that_restarts_costs_a_warning_and_gets_everything_again(
    open_sink: Open, mosquitto: Mosquitto, said: Said, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt, "_BACK_OFF", (0.05, 0.2))
    sink = connected(open_sink, said)
    for outage in (1, 2):
        clock.now += 2
        sink.write(answer("rock"))
        mosquitto.stop()
        until(lambda outage=outage: len(said.warnings) == outage, "no warning")  # type: ignore[misc]
        clock.now += 2
        sink.write(answer("scissors", outage / 4))
        time.sleep(0.3)  # several tries
        mosquitto.start()
        until(lambda outage=outage: connections(said) == outage + 1, "no connection")  # type: ignore[misc]
        until(lambda: STATE in retained(mosquitto.port), "no state")
        kept = retained(mosquitto.port)
        assert (json.loads(kept[STATE])["label"], json.loads(kept[STATE])["score"]) == ("scissors", outage / 4)
        assert kept[AVAILABILITY] == "online"
    assert len(said.warnings) == 2
    assert "received a lost connection (" in said.warnings[0]


@pytest.mark.skipif(shutil.which("mosquitto_passwd") is None, reason="needs mosquitto_passwd, which mosquitto brings")
def test_wrong_password_is_one_warning_that_does_not_show_it(
    tmp_path: Path, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt, "_BACK_OFF", (0.05, 0.1))
    monkeypatch.setattr(mqtt, "_PATIENCE", 20.0)
    subprocess.run(["mosquitto_passwd", "-b", "-c", tmp_path / "users", "pi", "right"], check=True)  # noqa: S603, S607
    broker = Mosquitto(tmp_path, "allow_anonymous false", f"password_file {tmp_path / 'users'}")
    broker.start()
    try:
        wrong = MqttSink(Broker("127.0.0.1", broker.port, False, TOPIC, "pi", "wrong"), 1.0, ABOUT, said.console)
        until(lambda: bool(said.warnings), "no warning")
        wrong.write(answer())
        time.sleep(0.5)  # several tries
        wrong.close()
        (warning,) = said.lines
        assert "received not authorized" in warning
        assert "wrong" not in warning
        right = MqttSink(Broker("127.0.0.1", broker.port, False, TOPIC, "pi", "right"), 1.0, ABOUT, said.console)
        until(lambda: connections(said) == 1, "no connection")
        right.close()
        assert retained(broker.port, "pi", "right")[AVAILABILITY] == "offline"
    finally:
        broker.stop()


DIES = """
import os, sys, time
from answers import ABOUT
from edgeproof.edge.console import Console
from edgeproof.edge.sinks.broker import Broker
from edgeproof.edge.sinks.mqtt import MqttSink
sink = MqttSink(Broker("127.0.0.1", int(sys.argv[1]), False, "home/camera"), 1.0, ABOUT, Console())
time.sleep(600)
"""


def test_process_that_is_killed_is_offline_by_its_will(mosquitto: Mosquitto, listener: Listener) -> None:
    tests = str(Path(__file__).parents[2])
    process = subprocess.Popen(  # noqa: S603 - ourselves
        [sys.executable, "-c", DIES, str(mosquitto.port)], env={**os.environ, "PYTHONPATH": tests}
    )
    try:
        until(lambda: listener.texts(AVAILABILITY) == ["online"], "no connection")
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    until(lambda: listener.texts(AVAILABILITY) == ["online", "offline"], "no will")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl: apt install openssl")
# paho leaves it to the garbage collector to close a socket whose handshake failed.
@pytest.mark.filterwarnings(r"ignore:Exception ignored in. <ssl\.SSLSocket:pytest.PytestUnraisableExceptionWarning")
def test_tls_is_spoken_and_a_stranger_is_not_trusted(
    tmp_path: Path, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt, "_BACK_OFF", (0.05, 0.1))
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    certificate = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    files = ["-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "certificate.pem")]
    subprocess.run(  # noqa: S603
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *certificate, *files],  # noqa: S607
        check=True,
        capture_output=True,
    )
    broker = Mosquitto(
        tmp_path,
        f"certfile {tmp_path / 'certificate.pem'}",
        f"keyfile {tmp_path / 'key.pem'}",
        "allow_anonymous true",
    )
    broker.start()
    try:
        address = Broker("127.0.0.1", broker.port, True, TOPIC)
        stranger = MqttSink(address, 1.0, ABOUT, said.console)
        until(lambda: bool(said.warnings), "no warning")
        stranger.close()
        assert "certificate verify failed" in said.warnings[0]
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
        friend = MqttSink(address, 1.0, ABOUT, said.console)
        until(lambda: connections(said) == 1, "no connection")
        friend.close()
        assert len(said.warnings) == 1
    finally:
        broker.stop()


def is_stuck(sink: MqttSink) -> bool:
    """Tell whether the system takes no more of what is to be sent: at a hundred looks in a row, not after a time."""
    looks = 0
    while sink._client.want_write() and looks < 100:
        connection = sink._client.socket()
        assert connection is not None
        looks = 0 if select.select([], [connection], [], 0)[1] else looks + 1
        time.sleep(0.005)
    return looks == 100


def test_broker_that_stops_listening_fills_no_queue(said: Said, clock: Clock) -> None:
    """A broker that says yes and reads nothing more: its machine hangs, or the network does."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        sink = MqttSink(Broker("127.0.0.1", server.getsockname()[1], False, TOPIC), 1.0, ABOUT, said.console)
        deaf, _ = server.accept()
        with deaf:
            deaf.sendall(b"\x20\x02\x00\x00")  # the connection is accepted
            until(lambda: connections(said) == 1, "no connection")
            large = answer(raw=("rock" * 25_000, (0.0, 1.0, 0.0)))
            for _ in range(400):  # forty megabytes, which no network holds
                clock.now += 1
                sink.write(large)
                if is_stuck(sink):
                    break
            for _ in range(100):
                clock.now += 1
                sink.write(large)
            assert sink._client.want_write()
            assert len(sink._client._out_packet) < 8
            sink.close()


def test_broker_that_greets_without_end_and_reads_nothing_fills_no_queue(said: Said) -> None:
    topic = STATUS.encode()
    body = len(topic).to_bytes(2, "big") + topic + b"online"
    greeting = b"\x30" + bytes([len(body)]) + body
    with socket.create_server(("127.0.0.1", 0)) as server:
        sink = MqttSink(Broker("127.0.0.1", server.getsockname()[1], False, TOPIC), 1.0, ABOUT, said.console)
        heard = []
        real = sink._client.on_message
        sink._client.on_message = lambda *given: (heard.append(1), real(*given))
        deaf, _ = server.accept()
        with deaf:
            deaf.sendall(b"\x20\x02\x00\x00" + greeting * 500)
            until(lambda: len(heard) == 500, "no greetings")
            assert len(sink._client._out_packet) < 8
            assert len(sink._client._out_messages) == 2
            sink.close()


def test_close_does_not_wait_for_a_connection_that_is_being_made(said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, answered = threading.Event(), threading.Event()

    def connect(*_: object, **__: object) -> NoReturn:
        asked.set()
        assert answered.wait(120)
        raise OSError("nobody there")

    monkeypatch.setattr(socket, "create_connection", connect)
    sink = MqttSink(Broker("192.0.2.1", 1883, False, TOPIC), 1.0, ABOUT, said.console)
    assert asked.wait(60)
    sink.write(answer())
    sink.close()
    assert not answered.is_set()
    answered.set()


def test_writing_for_long_keeps_no_memory(open_sink: Open, said: Said, clock: Clock) -> None:
    sink = connected(open_sink, said, interval=0.1)
    given = [answer("rock"), answer("paper")]

    def write(frames: int) -> None:
        for frame in range(frames):
            clock.now += 0.125
            sink.write(given[frame % 2])
        until(lambda: not sink._client.want_write(), "the network is stuck")

    write(300)
    tracemalloc.start()
    try:
        write(100)
        before = tracemalloc.get_traced_memory()[0]
        write(2000)
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 20_000  # ten bytes a state
