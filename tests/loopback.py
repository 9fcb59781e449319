"""A server on loopback for a test: one client after another, for a bounded time; and ports that are free, or closed."""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TypeVar

PATIENCE = 120.0  # seconds, after which the server stops by itself; only a test that fails waits so long
_UNASKED = range(10_000, 32_768)  # ports that Linux gives to nobody who asks for any

Self = TypeVar("Self", bound="LoopbackServer")


class LoopbackServer:
    """Answers within its `with` block; a subclass says how, in `talk`."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self.stop = threading.Event()  # set when it is time to end
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(0.1)
        self.host = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def talk(self, connection: socket.socket) -> None:
        """Answer one client; one that hangs up may raise OSError here."""
        raise NotImplementedError

    def __enter__(self: Self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop.set()
        self._thread.join(self._patience)
        self._socket.close()

    def _accept(self) -> None:
        end = time.monotonic() + self._patience
        while not self.stop.is_set() and time.monotonic() < end:
            try:
                connection, _ = self._socket.accept()
            except TimeoutError:
                continue
            with connection:
                connection.settimeout(self._patience)
                try:
                    self.talk(connection)
                except OSError:
                    continue  # the client hung up


def free_port() -> int:
    """Give a port that is free now, and that no connection of another test is given by chance before it is taken."""
    while True:
        port = random.SystemRandom().choice(_UNASKED)
        try:
            with socket.create_server(("127.0.0.1", port)):
                return port
        except OSError:
            continue


@contextmanager
def closed_port() -> Iterator[int]:
    """Hold a port at which nobody listens: whoever connects to it is refused, and nobody else can take it meanwhile."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]
