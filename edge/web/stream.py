"""A stream of JPEGs, for programs that know nothing else: Home Assistant, VLC, an <img>."""

from __future__ import annotations

import asyncio

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from .picture import Shot
from .viewers import Viewers

_BOUNDARY = "frame"
_PATIENCE = 20.0  # seconds for which a viewer may take nothing, or the camera give nothing


class Stream(Response):
    """multipart/x-mixed-replace: each part takes the place of the one before.

    The next part is chosen when the last one has left, so a viewer that is slow misses shots and queues none.
    """

    media_type = f"multipart/x-mixed-replace; boundary={_BOUNDARY}"

    def __init__(self, viewers: Viewers) -> None:
        super().__init__()
        self._viewers = viewers
        del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send shots until the viewer leaves, takes nothing for too long, or there are no more."""
        with self._viewers.seat(scope):
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            if scope["method"] == "HEAD":  # which asks for no picture
                await send({"type": "http.response.body"})
                return
            gone = asyncio.ensure_future(_gone(receive))
            try:
                await self._send_shots(send, gone)
            except asyncio.TimeoutError:
                return  # without an end, so that the server drops the connection: nobody would read the end either
            finally:
                gone.cancel()
            await send({"type": "http.response.body", "body": f"--{_BOUNDARY}--\r\n".encode()})

    async def _send_shots(self, send: Send, gone: asyncio.Future[None]) -> None:
        number = 0
        while not gone.done():
            shot = await self._viewers.newer(number, _PATIENCE, bears_silence=True)
            if shot is None:
                return
            number = shot.number
            part = {"type": "http.response.body", "body": _part(shot), "more_body": True}
            await asyncio.wait_for(send(part), _PATIENCE)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _part(shot: Shot) -> bytes:
    head = f"--{_BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(shot.jpeg)}\r\n\r\n"
    return head.encode() + shot.jpeg + b"\r\n"
