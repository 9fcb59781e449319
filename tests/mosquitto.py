"""A real MQTT broker on a free port of this machine, and a client that notes what it hears."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import socket
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from answers import until
from loopback import free_port

# Debian puts it where only root's PATH looks.
PROGRAM = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
needs_mosquitto = pytest.mark.skipif(PROGRAM is None, reason="needs mosquitto: apt install mosquitto")
_PATIENCE = 60  # seconds; only a test that fails waits so long


class Mosquitto:
    """The broker; it can be stopped and started again on the same port, and then remembers nothing."""

    def __init__(self, folder: Path, *lines: str) -> None:
        self.port = free_port()
        self._settings = folder / "mosquitto.conf"
        settings = (f"listener {self.port} 127.0.0.1", f"user {pwd.getpwuid(os.getuid()).pw_name}", *lines)
        self._settings.write_text("\n".join(settings) + "\n")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it listens."""
        assert PROGRAM is not None
        self._process = subprocess.Popen(  # noqa: S603 - Debian's broker
            [PROGRAM, "-c", str(self._settings)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until(self._listens, "the broker does not listen")

    def stop(self) -> None:
        """End it, by its own process."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
        self._process = None

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


class Listener:
    """Hears everything on a broker: `heard` has (topic, text, whether it was retained), in order."""

    def __init__(self, port: int, user: str | None = None, password: str | None = None) -> None:
        self.heard: list[tuple[str, str, bool]] = []
        self._subscribed = threading.Event()
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.username_pw_set(user, password)
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self._client.on_message = self._hear
        self._client.connect("127.0.0.1", port)
        self._client.subscribe("#", qos=1)
        self._client.loop_start()
        assert self._subscribed.wait(_PATIENCE)

    def _hear(self, _: Client, __: Any, message: MQTTMessage) -> None:
        self.heard.append((message.topic, message.payload.decode(), message.retain))

    def say(self, topic: str, text: str) -> None:
        """Publish something."""
        self._client.publish(topic, text, qos=1).wait_for_publish(_PATIENCE)

    def texts(self, topic: str) -> list[str]:
        """List what was heard on a topic."""
        return [text for heard, text, _ in self.heard if heard == topic]

    def objects(self, topic: str) -> list[dict[str, Any]]:
        """List the JSON objects that were heard on a topic."""
        return [json.loads(text) for text in self.texts(topic)]

    def close(self) -> None:
        """Leave."""
        self._client.disconnect()
        self._client.loop_stop()
        self._client.on_message = self._client.on_subscribe = None  # or only the garbage collector closes its sockets


def retained(port: int, user: str | None = None, password: str | None = None) -> dict[str, str]:
    """Give what a broker keeps, by topic: what somebody hears who comes now."""
    listener = Listener(port, user, password)
    # Its own word comes after everything that was kept.
    listener.say("test/last", "")
    until(lambda: listener.heard[-1:] == [("test/last", "", False)], "the broker did not answer")
    listener.close()
    return {topic: text for topic, text, kept in listener.heard if kept}
