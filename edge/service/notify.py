"""What a process tells systemd of itself: sd_notify's protocol, a datagram on a Unix socket."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping

from ..errors import InputError

SOCKET = "NOTIFY_SOCKET"
_PERIOD, _PROCESS = "WATCHDOG_USEC", "WATCHDOG_PID"


class Notifier:
    """The socket of the service manager.

    Args:
        address: a path, or a name in the kernel's own space, which begins with @.

    Raises:
        InputError: it is neither.
    """

    def __init__(self, address: str) -> None:
        if address[:1] not in ("/", "@"):
            raise InputError(f"expected {SOCKET} with a path or an @name, received {address!r}; unset it")
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self._socket.setblocking(False)  # answers do not wait for a manager that is busy

    def tell(self, *lines: str) -> None:
        """Send lines such as READY=1.

        Raises:
            OSError: the manager is away, or has no room for another message now.
        """
        self._socket.sendto("\n".join(lines).encode(errors="replace"), self._address)

    def close(self) -> None:
        """Close our end."""
        self._socket.close()


def watchdog_period(environment: Mapping[str, str]) -> float | None:
    """Give the seconds within which the manager wants a sign of life; None where it wants none of this process.

    Raises:
        InputError: the variable is no number.
    """
    text = environment.get(_PERIOD)
    if not text or environment.get(_PROCESS, str(os.getpid())) != str(os.getpid()):
        return None
    if not text.isdecimal() or not int(text):
        raise InputError(f"expected {_PERIOD} with microseconds, received {text!r}; unset it")
    return int(text) / 1e6
