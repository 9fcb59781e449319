"""Where an MQTT broker is, and as whom it is spoken to."""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from ..errors import InputError
from ..names import file_name

PASSWORD = "EDGEPROOF_MQTT_PASSWORD"  # noqa: S105 - the name of a variable
_PORTS = {"mqtt": 1883, "mqtts": 8883}
_UNFIT = re.compile(r"[+#\x00-\x1f]|^\$|^/|//|/$")  # wildcards, the broker's own topics, and empty levels
_LONGEST = 200  # letters of a topic


@dataclass(frozen=True)
class Broker:
    """A broker and the topic under which everything is published.

    The password is kept out of everything that shows a broker.
    """

    host: str
    port: int
    tls: bool
    topic: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def read_broker(text: str, environment: Mapping[str, str]) -> Broker:
    """Read mqtt://[user[:password]@]host[:port][/topic]; mqtts:// for TLS.

    Args:
        text: the address; signs with a meaning of their own are written with %, as in any address.
        environment: its EDGEPROOF_MQTT_PASSWORD is the password, where the address has a user and no password.

    Raises:
        InputError: it is no such address, or no text. The message does not repeat it, because it may hold a password.
    """
    expected = "expected mqtt://[user[:password]@]host[:port][/topic] for --mqtt, received an address"
    try:
        text.encode()
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
        host.encode("idna")  # what looking it up will do
    except ValueError:
        raise InputError(
            f"{expected} that does not read; write special characters of a password as %23, and / as %2F"
        ) from None
    if "@" in parts.path:  # a password with a slash ends the host too soon, and would be shown as port and topic
        raise InputError(f"{expected} with an @ behind the host; write / of a password as %2F, and @ of a topic as %40")
    if parts.scheme not in _PORTS:
        raise InputError(f"{expected} that begins with neither mqtt:// nor mqtts://")
    if not host or port == 0 or parts.query or parts.fragment:
        raise InputError(f"{expected} with something missing or left over; write # of a password as %23, ? as %3F")
    if parts.password and not parts.username:
        raise InputError(f"{expected} with a password and no user")
    user = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else environment.get(PASSWORD) if user else None
    try:
        (password or "").encode()
    except UnicodeError:
        raise InputError(f"expected a password of UTF-8 in {PASSWORD} for --mqtt, received something else") from None
    topic = _topic(unquote(parts.path))
    return Broker(host, port or _PORTS[parts.scheme], parts.scheme == "mqtts", topic, user, password)


def _topic(path: str) -> str:
    topic = path.removeprefix("/") or f"edgeproof/{file_name(socket.gethostname())}"
    if _UNFIT.search(topic) or len(topic) > _LONGEST:
        raise InputError(f"expected a topic such as home/camera for --mqtt, without + and #, received {topic!r}")
    return topic
