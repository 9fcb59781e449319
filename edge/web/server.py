"""The server: uvicorn in a thread and an event loop of its own, on a socket that was taken before."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

import uvicorn
from starlette.types import ASGIApp

from .connection import Connection
from .share import Share

Given = TypeVar("Given")

_ACCEPTED = 64  # connections that are taken at a time, and of which each may have to go again for the next
# Connections that wait until they are. A system drops those beyond, and a browser tries again after a second.
_WAITING = 1024
_LARGEST_HEAD = 16 * 1024  # bytes of a request's line and headers
_KEEP_ALIVE = 15  # seconds, longer than a page waits between two questions
_PART = 1 / 4  # of a processor's time, which is some hundred answers a second, whoever asks for more
_TURN = 0.02  # seconds between two looks at how much of it was taken
_START = 10.0  # seconds
_LAST_CALL = 0.2  # seconds at the end, in which a page that is between two questions can ask once more and be told
_FAREWELL = 0.4  # seconds for answers in progress after that
_STEP = 0.02  # seconds
_END = 1.0  # seconds for the thread to end, which it does within that


class _Server(uvicorn.Server):
    """A server that many connections at once do not shut out, and that ends soon: uvicorn would wait for viewers."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        for listener in sockets or ():
            listener.listen(_WAITING)  # again: asyncio has one number for both

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Tell those who ask once more, take no more connections, give those there are a moment, and drop them."""
        await _wait_while(lambda: self.server_state.connections, _LAST_CALL)
        for server in self.servers:
            server.close()
        for listener in sockets or ():
            listener.close()
        connections = list(self.server_state.connections)
        for connection in connections:
            connection.shutdown()
        await _wait_while(lambda: self.server_state.tasks, _FAREWELL)
        for connection in connections:
            connection.transport.abort()
        for task in list(self.server_state.tasks):
            task.cancel()
        await asyncio.sleep(0)  # so that they end in here


class ServerThread:
    """Serves an application until it is closed.

    Args:
        listener: the socket; the thread's from now on.
        app: the ASGI application.
        at_end: called in the thread's loop when it is time to say farewell.
        failed: is told of an error that is a mistake of ours; the server goes on.
    """

    def __init__(
        self,
        listener: socket.socket,
        app: ASGIApp,
        at_end: Callable[[], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._listener, self._at_end, self._failed = listener, at_end, failed
        self._server = _Server(_config(app))
        self._loop: asyncio.AbstractEventLoop | None = None
        self._running = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="web", daemon=True)
        self._thread.start()
        self._running.wait(_START)

    def soon(self, call: Callable[[], None]) -> None:
        """Have something called in the server's own thread."""
        try:
            if self._loop is not None:
                self._loop.call_soon_threadsafe(call)
        except RuntimeError:  # the loop is closed: nobody is left who could be told
            pass

    def handing(self, call: Callable[[Given], None]) -> Callable[[Given], None]:
        """Give what has something called in the server's own thread with what it is called with."""
        return lambda given: self.soon(partial(call, given))

    def close(self) -> None:
        """End, within a second."""
        self.soon(self._at_end)
        self._server.should_exit = True
        self._thread.join(_END)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(self._note)
        # One thread for what waits for the disk, however many ask for it at once.
        self._loop.set_default_executor(ThreadPoolExecutor(1, "web-disk"))
        self._running.set()
        giving_way = asyncio.ensure_future(_give_way())
        await self._server.serve(sockets=[self._listener])
        giving_way.cancel()

    def _note(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        self._failed(error if isinstance(error, Exception) else RuntimeError(context["message"]))


async def _wait_while(holds: Callable[[], object], seconds: float) -> None:
    """Wait while something holds, so many seconds at most; in turns, of which a process that was stopped loses none."""
    for _ in range(round(seconds / _STEP)):
        if not holds():
            return
        await asyncio.sleep(_STEP)


async def _give_way() -> None:
    """Rest with everything that is to be answered, where more than its share was taken for it."""
    share = Share(_PART)
    while True:
        await asyncio.sleep(_TURN)
        if rest := share.rest(time.monotonic(), time.thread_time()):
            time.sleep(rest)  # which holds up this thread, and is the point of it


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        # Plain Python everywhere, whatever else is installed, so that what was tested is what runs.
        http=Connection,
        loop="asyncio",
        ws="none",
        lifespan="off",
        interface="asgi3",
        # Nothing is logged: a token may be in an address. Errors of ours are said by the application.
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        backlog=_ACCEPTED,
        h11_max_incomplete_event_size=_LARGEST_HEAD,
        timeout_keep_alive=_KEEP_ALIVE,
    )
