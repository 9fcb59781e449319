"""What can be wrong with a broker: each fault is a block, at the end of which the broker is as it should be."""

from __future__ import annotations

import json
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from outputs_loop import TOPIC, until

# Debian puts it where only root's PATH looks.
PROGRAM = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
_PATIENCE = 20.0  # seconds
_ACCEPTED = b"\x20\x02\x00\x00"  # of a connection, in MQTT


class Mosquitto:
    """A real broker on a free port, which forgets everything when it is stopped."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self._settings = folder / "mosquitto.conf"
        lines = (f"listener {self.port} 127.0.0.1", f"user {pwd.getpwuid(os.getuid()).pw_name}", "allow_anonymous true")
        self._settings.write_text("\n".join(lines) + "\n")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it listens."""
        assert PROGRAM is not None  # noqa: S101 - the campaign has asked
        self._process = subprocess.Popen(  # noqa: S603 - Debian's broker
            [PROGRAM, "-c", str(self._settings)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until(self._listens, _PATIENCE)

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
        self._process = None

    def send(self, number: signal.Signals) -> None:
        """Send its process a signal."""
        if self._process is not None:
            self._process.send_signal(number)

    def newest(self) -> int:
        """Give the frame of the state that somebody sees who comes now; -1 where there is none."""
        frames: list[int] = []
        heard = threading.Event()
        client = Client(CallbackAPIVersion.VERSION2)

        def hear(_: Client, __: Any, message: MQTTMessage) -> None:
            if message.retain:
                frames.append(json.loads(message.payload)["frame"])
            heard.set()

        client.on_message = hear
        try:
            client.connect("127.0.0.1", self.port)
            client.subscribe(f"{TOPIC}/state", qos=1)
            client.loop_start()
            heard.wait(0.5)
            client.disconnect()
            client.loop_stop()
        except OSError:  # not yet
            return -1
        finally:
            client.on_message = None
        return frames[-1] if frames else -1

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


Fault = Callable[[Mosquitto, random.Random], Iterator[None]]


def down(broker: Mosquitto, _: random.Random) -> Iterator[None]:
    """It is not there."""
    broker.stop()
    yield
    broker.start()


def restarting(broker: Mosquitto, _: random.Random) -> Iterator[None]:
    """It is there again at once, and has forgotten everything."""
    broker.stop()
    broker.start()
    yield


def hanging(broker: Mosquitto, _: random.Random) -> Iterator[None]:
    """Its process stands still; its system takes what it can for it."""
    broker.send(signal.SIGSTOP)
    yield
    broker.send(signal.SIGCONT)


def flapping(broker: Mosquitto, rng: random.Random) -> Iterator[None]:
    """It comes and goes."""
    for _ in range(rng.randrange(2, 4)):
        broker.stop()
        time.sleep(rng.uniform(0.0, 0.3))
        broker.start()
        time.sleep(rng.uniform(0.0, 0.3))
    yield


def refusing(broker: Mosquitto, _: random.Random) -> Iterator[None]:
    """Something else hangs up on everybody."""
    with _instead(broker, b"", hang_up=True):
        yield


def mute(broker: Mosquitto, _: random.Random) -> Iterator[None]:
    """Something else takes connections and says nothing."""
    with _instead(broker, b""):
        yield


def deaf(broker: Mosquitto, _: random.Random) -> Iterator[None]:
    """Something else says yes, and reads nothing."""
    with _instead(broker, _ACCEPTED):
        yield


def babbling(broker: Mosquitto, rng: random.Random) -> Iterator[None]:
    """Something else says what is no MQTT."""
    with _instead(broker, rng.choice((b"", _ACCEPTED)) + rng.randbytes(200)):
        yield


BROKER_FAULTS: tuple[Fault, ...] = (down, restarting, hanging, flapping, refusing, mute, deaf, babbling)


@contextmanager
def _instead(broker: Mosquitto, said: bytes, *, hang_up: bool = False) -> Iterator[None]:
    """Have something else listen in the broker's place."""
    broker.stop()
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", broker.port))
    listener.listen()
    held: list[socket.socket] = []

    def accept() -> None:
        with suppress(OSError):  # it is over
            while True:
                connection, _ = listener.accept()
                connection.sendall(said)
                if hang_up:
                    connection.close()
                else:
                    held.append(connection)

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
        for connection in held:
            connection.close()
        broker.start()
