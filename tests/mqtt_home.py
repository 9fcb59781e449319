"""A sink of MQTT at a broker of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from answers import ABOUT, until
from console_lines import Said
from edgeproof.edge.sinks import mqtt
from edgeproof.edge.sinks.broker import Broker
from edgeproof.edge.sinks.home_assistant import discovery
from edgeproof.edge.sinks.mqtt import MqttSink
from mosquitto import Listener, Mosquitto

TOPIC = "home/camera"
STATE, AVAILABILITY = f"{TOPIC}/state", f"{TOPIC}/availability"
CONFIG = discovery(TOPIC, ABOUT)[0]


class Clock:
    """The sink's own clock; the network's goes on."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(mqtt, "time", clock)
    return clock


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path, "allow_anonymous true")
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def listener(mosquitto: Mosquitto) -> Iterator[Listener]:
    listener = Listener(mosquitto.port)
    yield listener
    listener.close()


def connections(said: Said) -> int:
    return sum(line.startswith("mqtt: connected to ") for line in said.lines)


Open = Callable[..., MqttSink]


@pytest.fixture
def open_sink(mosquitto: Mosquitto, said: Said, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Opens a sink on the broker, and closes it in the end; its last words have all the time that they need."""
    monkeypatch.setattr(mqtt, "_PATIENCE", 20.0)
    opened: list[MqttSink] = []

    def open_sink(interval: float = 1.0, **changes: object) -> MqttSink:
        fields = {"host": "127.0.0.1", "port": mosquitto.port, "tls": False, "topic": TOPIC, **changes}
        opened.append(MqttSink(Broker(**fields), interval, ABOUT, said.console))  # type: ignore[arg-type]
        return opened[-1]

    yield open_sink
    for sink in opened:
        sink.close()


def connected(open_sink: Open, said: Said, interval: float = 1.0) -> MqttSink:
    sink = open_sink(interval)
    until(lambda: connections(said) == 1, "no connection")
    return sink


def is_idle(sink: MqttSink) -> bool:
    """Tell whether the sink knows that the network has taken its newest state; a listener may hear it before."""
    return not mqtt._is_under_way(sink._sent)
