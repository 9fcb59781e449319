"""A server on loopback for a test: one client after another, for a bounded time."""

from __future__ import annotations

import socket
import threading
import time
from types import TracebackType
from typing import TypeVar

PATIENCE = 20.0  # seconds, after which the server stops by itself

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
                connection.settimeout(5.0)
                try:
                    self.talk(connection)
                except OSError:
                    continue  # the client hung up
