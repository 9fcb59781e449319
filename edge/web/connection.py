"""One connection to the server: uvicorn's, with bounds to what it may cost.

The server holds so many connections and no more. Whoever opens that many and says nothing, or never reads what was
answered, would keep everybody else out, and needs no token for it. So a new connection is always taken, and where that
is one too many, another has to go: of those that show nobody a picture, the one that asked for nothing for the longest.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from .headers import RAW_HEADERS
from .viewers import WATCHING

_REQUEST = 5.0  # seconds for a whole request, from the connection or from its first byte on
_UNREAD = 20.0  # seconds for which a peer may leave unread what was answered
_MOST = 128  # connections
_MOST_OF_ONE = 64  # connections of one peer, which may be a proxy in front of many viewers
_BAD_REQUEST = b"expected a request of HTTP\n"


class Connection(H11Protocol):
    """A connection that is dropped where its peer is too slow, or where others need its place."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._request = _Deadline(self.loop, self._drop)
        self._unread = _Deadline(self.loop, self._drop)
        self._asked = 0.0  # when it was made or had a request last, in seconds of the event loop's clock

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin to wait for the first request, in the place of another connection where there are too many."""
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=0)  # so that whatever a peer leaves unread is noticed, a byte as well
        self._asked = self.loop.time()
        self._request.begin(_REQUEST)
        others = cast("set[Connection]", self.connections)
        of_one = [other for other in others if _peer(other) == _peer(self)]
        if len(of_one) > _MOST_OF_ONE:
            _drop_one(of_one)
        elif len(others) > _MOST:
            _drop_one(others)

    def handle_events(self) -> None:
        """Take what came; the time for a request begins with its first byte, so that sending bit by bit gains none."""
        super().handle_events()
        state = self.conn.their_state
        if state is h11.SEND_BODY or (state is h11.IDLE and self.conn.trailing_data[0]):
            self._request.begin(_REQUEST)
        elif state is not h11.IDLE:
            self._request.end()
            self._asked = self.loop.time()

    def on_response_complete(self) -> None:
        """End the connection where the peer has sent its next request before this answer, as no browser does.

        It would be served in one go with all that follow, before anybody else's.
        """
        if self.conn.their_state is h11.DONE and self.conn.trailing_data[0]:
            self.transport.close()
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the interface's
        """Answer what is no HTTP; where an answer is under way already, there is no place for another one."""
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE) or self._is_answering():
            self._drop()
            return
        length = (b"content-length", str(len(_BAD_REQUEST)).encode())
        headers = [(b"content-type", b"text/plain"), length, (b"connection", b"close"), *RAW_HEADERS]
        head = self.conn.send(h11.Response(status_code=400, headers=headers, reason=b"Bad Request"))
        self.transport.write((head or b"") + _BAD_REQUEST)
        self.transport.close()

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
        super().connection_lost(exc)
        self._request.end()
        self._unread.end()
        self._unset_keepalive_if_required()

    @property
    def idle_since(self) -> float | None:
        """When it asked for something last, in seconds of the event loop's clock; None while it shows pictures."""
        watching = self._is_answering() and WATCHING in self.scope.get("state", ())
        return None if watching else self._asked

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _drop(self) -> None:
        self.connections.discard(self)  # now: the next that counts them may come before the end of this one
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


def _drop_one(connections: Iterable[Connection]) -> None:
    """Drop the connection that asked for nothing for the longest; there are fewer viewers than places."""
    idle = [(since, other) for other in connections if (since := other.idle_since) is not None]
    if idle:
        min(idle, key=lambda one: one[0])[1]._drop()


def _peer(connection: Any) -> object:
    return connection.client[0] if connection.client else None
