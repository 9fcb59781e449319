"""A camera that gives one picture for each request."""

from __future__ import annotations

import http.client
import time

from ..console import Console
from ..errors import InputError
from .address import Address
from .damage import Damage
from .encoded import decoded
from .frame import Frame, Spare
from .http import get, unreachable
from .options import SourceOptions

_RATE = 2.0  # pictures a second, unless asked for more: each is a request
_MOST = 16 * 1024 * 1024  # bytes of one picture


class SnapshotSource:
    """A picture at an http:// address, asked for `rate` times a second; a damaged one is left out."""

    live = True

    def __init__(self, address: Address, console: Console, options: SourceOptions) -> None:
        self._address = address
        self._interval = 1 / (options.rate or _RATE)
        self._due = 0.0  # when to ask next, in seconds of time.monotonic
        self._index = 0
        self._damage = Damage(address.shown, console)
        self._first = self._next()  # only a decoded frame is believed
        if self._first is None:
            raise InputError(f"expected a picture that OpenCV can decode, received another from {address.shown}")

    def read(self, spare: Spare = None) -> Frame | None:  # noqa: ARG002 - the decoder takes none
        """Wait for the next picture.

        Raises:
            InputError: the server does not answer, or gives no pictures any more.
        """
        frame, self._first = self._first, None
        while frame is None:
            frame = self._next()
            if frame is None:
                self._damage.note()
        self._damage.over()
        return frame

    def close(self) -> None:
        """Tell what was left out; no connection is kept."""
        self._damage.close()

    def _next(self) -> Frame | None:
        time.sleep(max(0.0, self._due - time.monotonic()))
        captured = time.monotonic()
        self._due = captured + self._interval
        self._index += 1
        image = decoded(self._asked(), self._address.shown)
        return None if image is None else Frame(image, self._address.shown, self._index - 1, captured)

    def _asked(self) -> bytes:
        reply = get(self._address)
        try:
            return reply.response.read(_MOST)
        except http.client.IncompleteRead:
            return b""  # which counts as damaged
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise unreachable(self._address, error) from None
        finally:
            reply.close()
