"""Where the web page listens: HOST:PORT, found and taken before the loop begins."""

from __future__ import annotations

import errno
import ipaddress
import socket
from dataclasses import dataclass

from .. import loopback
from ..errors import InputError

_HOST, _PORT = "127.0.0.1", 8080
_BACKLOG = 64  # connections that wait to be accepted
# Of each connection. Linux would let it grow to megabytes, which are seconds of pictures that a slow viewer gets late.
_SEND_BUFFER = 128 * 1024
_ANYWHERE = ("192.0.2.1", 9)  # an address of RFC 5737: nothing is sent, but the kernel says which way it would go


@dataclass(frozen=True)
class Address:
    """A host's name or number, and a port; port 0 is any free one."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read HOST:PORT, HOST, PORT, or nothing, for what is left out of which 127.0.0.1:8080 stands.

        Raises:
            ValueError: the text is none of these.
        """
        if text.startswith("["):  # [::1]:8080, as in addresses of the web
            host, closed, port = text[1:].partition("]")
            if not closed or (port and not port.startswith(":")):
                raise ValueError(text)
            return cls(host, _port(port.removeprefix(":")))
        host, _, port = text.rpartition(":")
        if not host and not port.isdecimal():
            host, port = port, ""
        if ":" in host:
            raise ValueError(text)
        return cls(host or _HOST, _port(port))

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def listen(address: Address) -> socket.socket:
    """Take an address.

    Raises:
        InputError: its name does not resolve, or it cannot be taken.
    """
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(
            address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "no such name"
        raise InputError(f"expected an address of this machine, received {address} ({reason}); see --web") from None
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections of an earlier run may linger
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        listener.bind(place)
        listener.listen(_BACKLOG)  # from here on the port is ours, and what connects waits for the server
    except OSError as error:
        listener.close()
        raise _untakeable(address, error) from None
    listener.setblocking(False)
    return listener


def is_loopback(listener: socket.socket) -> bool:
    """Tell whether only this machine can reach what listens."""
    return loopback.is_loopback(listener.getsockname()[0])


def reachable(listener: socket.socket) -> str:
    """Give the HOST:PORT under which a browser reaches what listens, by the way out of this machine where it is all."""
    host, port = listener.getsockname()[:2]
    if ipaddress.ip_address(host.partition("%")[0]).is_unspecified:
        host = _own_host()
    return str(Address(host, port))


def _own_host() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_ANYWHERE)
        except OSError:  # no way out: the name is all there is
            return socket.gethostname()
        return str(probe.getsockname()[0])


def _port(text: str) -> int:
    port = int(text) if text else _PORT
    if not 0 <= port < 65536:
        raise ValueError(text)
    return port


def _untakeable(address: Address, error: OSError) -> InputError:
    reasons = {
        errno.EADDRINUSE: f"expected a free port, received one in use: {address}; choose another with --web HOST:PORT",
        errno.EACCES: f"expected a port that this user may take, received {address}; choose one above 1023",
        errno.EADDRNOTAVAIL: f"expected an address of this machine, received {address}; 0.0.0.0 is all of them",
    }
    words = f"expected an address to listen at, received {address} ({error.strerror or error}); choose another"
    return InputError(reasons.get(error.errno or 0, words))
