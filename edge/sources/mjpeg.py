"""MJPEG over HTTP: one JPEG after another, as most cameras in a network give them."""

from __future__ import annotations

import http.client
import time

from ..console import Console
from ..errors import InputError
from .address import Address
from .damage import Damage
from .encoded import decoded
from .frame import Frame, Spare
from .http import TIMEOUT, Reply, unreachable
from .memory import copied
from .multipart import Parts

_READ = 256 * 1024  # bytes at once
_MOST_WAITING = 16 * 1024 * 1024  # bytes that are passed over; a server that floods shall get an answer too


class MjpegSource:
    """The parts of a multipart/x-mixed-replace answer; OpenCV decodes them to BGR.

    A damaged part is left out. Where several came in meanwhile, only the newest is decoded. OpenCV's decoder for
    memory makes a new image each time, which is copied into the spare one and goes at once: what lives for long is
    always the same memory.
    """

    live = True

    def __init__(self, address: Address, reply: Reply, console: Console) -> None:
        self._address, self._reply = address, reply
        self._index = 0
        self._damage = Damage(address.shown, console)
        boundary = reply.response.headers.get_param("boundary")
        try:
            if not isinstance(boundary, str) or not boundary.strip("-"):
                raise InputError(f"expected a Content-Type with a boundary, received none from {address.shown}")
            self._parts = Parts(boundary, address.shown)
            self._first = self._decoded(None)  # only a decoded frame is believed
        except BaseException:
            reply.close()
            raise
        if self._first is None:
            reply.close()
            raise InputError(f"expected frames from {address.shown}, received the end of the stream before the first")

    def read(self, spare: Spare = None) -> Frame | None:
        """Wait for the next frame; None once the server has said that the stream is over.

        Raises:
            InputError: the connection broke, was silent for too long, or gives no frames any more.
        """
        frame, self._first = self._first, None
        return frame or self._decoded(spare)

    def close(self) -> None:
        """Hang up."""
        self._reply.close()
        self._damage.close()

    def _decoded(self, spare: Spare) -> Frame | None:
        while (part := self._part()) is not None:
            captured = time.monotonic()
            image = decoded(part, self._address.shown)
            if image is not None:
                self._damage.over()
                return Frame(copied(image, spare), self._address.shown, self._index - 1, captured)
            self._damage.note()
        return None

    def _part(self) -> bytes | None:
        newest, waiting = self._newest(), 0
        while not self._parts.ended and (newest is None or 0 < waiting <= _MOST_WAITING):
            data = self._received()
            # What fills a read has more behind it, which waits in the kernel and grows old.
            waiting = waiting + len(data) if len(data) == _READ else 0
            self._parts.feed(data)
            newer = self._newest()
            newest = newest if newer is None else newer  # one may be empty, which is damage
        return newest

    def _newest(self) -> bytes | None:
        newest = None
        while (part := self._parts.next()) is not None:
            self._index += 1
            newest = part
        return newest

    def _received(self) -> bytes:
        try:
            data = self._reply.response.read1(_READ)
        except TimeoutError:
            raise InputError(
                f"expected the next frame within {TIMEOUT:g} s, received none from {self._address.shown}; "
                "check that the camera is on and in the same network"
            ) from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise unreachable(self._address, error) from None
        if not data:
            raise InputError(
                f"expected the next frame, received the end of the stream from {self._address.shown}; "
                "the server hung up: check it, and start again"
            )
        return data
