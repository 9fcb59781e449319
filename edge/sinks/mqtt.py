"""The newest answer on an MQTT broker, with what Home Assistant needs to show it."""

from __future__ import annotations

import json
import math
import secrets
import sys
import threading
import time
from contextlib import suppress
from typing import Any

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage, MQTTMessageInfo
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from ..answer import Answer
from ..classifier import Origin
from ..console import Console
from .about import About
from .broker import Broker
from .home_assistant import OFFLINE, ONLINE, STATUS, availability_topic, discovery, state_topic
from .lines import as_object

_SHORTEST = 0.1  # seconds between two states; a label that flickers shall not flood the house
_KEEP_ALIVE = 15  # seconds of silence after which the broker is asked whether it is still there
_BACK_OFF = (1, 30)  # seconds from one try to connect to the next, the first and the longest
_MOST_QUEUED = (
    16  # messages that await their receipt; what is announced again and again to a broker that comes and goes
)
_PATIENCE = 0.25  # seconds for each of the last messages, and for the thread; three times that is still soon


class MqttSink:
    """Publishes the state when the label changes, and every `interval` seconds; the network has a thread of its own.

    A broker that is down is one warning, and is tried again with growing pauses; nothing waits for it but the newest
    state, which is published as soon as it is back.

    Args:
        broker: where it is.
        interval: seconds.
        about: what Home Assistant is told of this device.
        console: where it is said that the broker came or went.
    """

    def __init__(self, broker: Broker, interval: float, about: About, console: Console) -> None:
        self._broker, self._interval, self._console = broker, interval, console
        self._about = about
        self._origin: Origin | None = None  # of the newest answer
        self._discovery = discovery(broker.topic, about)
        self._lock = threading.Lock()  # the newest state shall be the last one published
        self._state: str | None = None
        self._sent: MQTTMessageInfo | None = None  # the state that was given to the network last
        self._waiting: Answer | None = None  # newer than that, and not due yet
        self._label: str | None = None  # of the state that was published last
        self._at = -math.inf  # when the state was made, in seconds of time.monotonic
        self._complained = False
        self._available = True  # a camera that is away has no state to believe
        self._announced: MQTTMessageInfo | None = None  # what was said last of being there
        self._client = self._new_client()
        self._client.connect_async(broker.host, broker.port, _KEEP_ALIVE)
        self._client.loop_start()

    def write(self, answer: Answer) -> None:
        """Publish one answer, if it is due."""
        if answer.prediction.origin is not self._origin:
            self._rename(answer.prediction.origin)
        if not self._available:
            self._show(available=True)
        now = time.monotonic()
        since = now - self._at
        if since < _SHORTEST or (answer.label == self._label and since < self._interval):
            self._waiting = answer
            return
        self._at, self._waiting = now, None
        self._publish(answer)

    def wait(self, seconds: float) -> None:  # noqa: ARG002 - a second is as good as an hour
        """Say that there is no state now: Home Assistant shows a camera that is away as unavailable."""
        if self._available:
            self._show(available=False)

    def close(self) -> None:
        """Publish the last state, and that there will be no more; nothing waits for long where there is no broker."""
        if self._client.is_connected():
            _wait(self._sent)
            if self._waiting is not None:
                self._publish(self._waiting)
            _wait(self._client.publish(availability_topic(self._broker.topic), OFFLINE, qos=1, retain=True))
        self._client.disconnect()
        # In a thread that may be left behind: a connection that is being made can take seconds.
        stopping = threading.Thread(target=self._stop, name="mqtt-stop", daemon=True)
        stopping.start()
        stopping.join(_PATIENCE)

    def _stop(self) -> None:
        client = self._client
        client.loop_stop()
        # The client and this sink would hold on to each other, and paho closes its sockets only when it is let go.
        client.on_connect = client.on_connect_fail = client.on_disconnect = client.on_message = None

    def _show(self, *, available: bool) -> None:
        with self._lock:
            self._available = available
            if self._client.is_connected():
                self._announce_availability()

    def _announce_availability(self) -> None:
        topic, state = availability_topic(self._broker.topic), ONLINE if self._available else OFFLINE
        self._announced = self._client.publish(topic, state, qos=1, retain=True)

    def _rename(self, origin: Origin | None) -> None:
        """Describe the device anew, where another model answers."""
        self._origin, before = origin, self._about
        self._about = before.now(origin)
        if self._about != before:
            self._discovery = discovery(self._broker.topic, self._about)
            if self._client.is_connected():
                self._client.publish(*self._discovery, qos=1, retain=True)

    def _new_client(self) -> Client:
        broker = self._broker
        client = Client(CallbackAPIVersion.VERSION2, client_id=f"edgeproof-{secrets.token_hex(4)}")
        client.on_connect, client.on_connect_fail = self._connected, self._unreachable
        client.on_disconnect, client.on_message = self._disconnected, self._greeted
        client.username_pw_set(broker.user, broker.password)
        client.will_set(availability_topic(broker.topic), OFFLINE, qos=1, retain=True)
        client.reconnect_delay_set(*_BACK_OFF)
        client.max_queued_messages_set(_MOST_QUEUED)
        if broker.tls:
            client.tls_set()
        return client

    def _publish(self, answer: Answer) -> None:
        with self._lock:
            self._state = json.dumps(as_object(answer))
            if self._client.is_connected() and not _is_under_way(self._sent):
                self._sent = self._client.publish(state_topic(self._broker.topic), self._state, retain=True)
                self._label = answer.label
            else:  # nothing piles up: this one is published when the broker is back, or a newer one in its place
                self._waiting = answer

    # What follows is called by the thread of the network.

    def _connected(self, client: Client, _: Any, __: ConnectFlags, reason: ReasonCode, ___: Properties | None) -> None:
        if reason.is_failure:
            self._complain(f"{reason}".lower())
            return
        self._complained = False
        client.subscribe(STATUS)
        self._announce()
        self._console.say(f"mqtt: connected to {self._broker}, topic {self._broker.topic}")

    def _unreachable(self, *_: Any) -> None:
        # paho calls this while it handles the error, and does not say it otherwise.
        error = sys.exc_info()[1]
        self._complain(getattr(error, "strerror", None) or str(error or "no connection"))

    def _disconnected(
        self, _: Client, __: Any, ___: DisconnectFlags, reason: ReasonCode, ____: Properties | None
    ) -> None:
        if reason.is_failure:
            self._complain(f"a lost connection ({f'{reason}'.lower()})")

    def _greeted(self, _: Client, __: Any, message: MQTTMessage) -> None:
        # A broker that greets and takes no answer is told nothing more: that would pile up here.
        if message.payload == ONLINE.encode() and not _is_under_way(self._announced):
            self._announce()

    def _announce(self) -> None:
        """Say what there is to see, that it is there, and how it stands."""
        with self._lock:
            self._client.publish(*self._discovery, qos=1, retain=True)
            self._announce_availability()
            if self._state is not None:
                self._sent = self._client.publish(state_topic(self._broker.topic), self._state, retain=True)

    def _complain(self, received: str) -> None:
        if not self._complained:
            self._console.warn(
                f"--mqtt: expected a broker at {self._broker}, received {received}; tried again with growing pauses, "
                "the rest goes on"
            )
        self._complained = True


def _wait(sent: MQTTMessageInfo | None) -> None:
    """Wait a moment until a message has gone out."""
    with suppress(RuntimeError, ValueError):  # the connection was lost in this moment; the will says the same
        if sent is not None:
            sent.wait_for_publish(_PATIENCE)


def _is_under_way(sent: MQTTMessageInfo | None) -> bool:
    """Tell whether a message still waits for the network."""
    try:
        return sent is not None and not sent.is_published()
    except (RuntimeError, ValueError):  # it was lost with its connection
        return False
