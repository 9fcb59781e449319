"""One connection to the server: uvicorn's, with bounds to what it may cost.

The server holds so many connections and no more. Whoever opens that many and says nothing, or never reads what was
answered, would keep everybody else out, and needs no token for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

_REQUEST = 5.0  # seconds for a whole request, from the connection or from its first byte on
_UNREAD = 20.0  # seconds for which a peer may leave unread what was answered
_MOST_OF_ONE = 64  # connections of one peer, which may be a proxy in front of many viewers


class Connection(H11Protocol):
    """A connection that is dropped where its peer is too slow, or has too many of them."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._request = _Deadline(self.loop, self._drop)
        self._unread = _Deadline(self.loop, self._drop)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._request.begin(_REQUEST)
        if sum(_peer(other) == _peer(self) for other in self.connections) > _MOST_OF_ONE:
            self._drop()

    def data_received(self, data: bytes) -> None:
        """Take bytes; the time for a request begins with its first, so that sending it bit by bit gains none."""
        super().data_received(data)
        if self.conn.their_state in (h11.IDLE, h11.SEND_BODY):
            self._request.begin(_REQUEST)
        else:
            self._request.end()

    def pause_writing(self) -> None:
        """Begin to wait for the peer to read."""
        super().pause_writing()
        self._unread.begin(_UNREAD)

    def resume_writing(self) -> None:
        """Note that it did."""
        super().resume_writing()
        self._unread.end()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._request.end()
        self._unread.end()
        super().connection_lost(exc)

    def _drop(self) -> None:
        self.transport.abort()


class _Deadline:
    """Calls something, unless what it waits for came before."""

    def __init__(self, loop: asyncio.AbstractEventLoop, call: Callable[[], None]) -> None:
        self._loop, self._call = loop, call
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, duration: float) -> None:
        """Wait for so many seconds; no longer where it waits already."""
        if self._timer is None:
            self._timer = self._loop.call_later(duration, self._call)

    def end(self) -> None:
        """Wait no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _peer(connection: Any) -> object:
    return connection.client[0] if connection.client else None
