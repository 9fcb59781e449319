"""Cameras that speak RTSP (RFC 2326)."""

from __future__ import annotations

import socket

from ..console import Console
from ..errors import InputError
from . import Source
from .address import Address
from .stream import TIMEOUT, StreamSource

_MOST = 4096  # bytes of an answer; its first line is enough
_REASONS = {
    401: "expected the right name and password for {0}, received 401 Unauthorized; write rtsp://NAME:PASSWORD@HOST/…, "
    "with other letters as %40 and the like",
    404: "expected a stream at {0}, received 404 Not Found; the camera's manual names its address",
}


def open_rtsp(address: Address, console: Console) -> Source:
    """Open a camera's stream.

    Raises:
        InputError: it does not open; says why, as far as the server does.
    """
    try:
        return StreamSource(address, console, live=True)
    except InputError as error:
        raise _reason(address) or error from None


def _reason(address: Address) -> InputError | None:
    """Ask the server why: FFmpeg keeps that to itself."""
    if address.scheme == "rtsps":
        return None
    place = f"rtsp://{address.host}:{address.port}{address.target}"
    try:
        with socket.create_connection((address.host, address.port), TIMEOUT) as connection:
            connection.sendall(f"DESCRIBE {place} RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\n\r\n".encode())
            status = connection.recv(_MOST).split(b" ", 2)
    except OSError as error:
        reason = f"none within {TIMEOUT:g} s" if isinstance(error, TimeoutError) else error.strerror or str(error)
        return InputError(
            f"expected an answer from {address.shown}, received {reason}; "
            "check the address, and that the camera is on and in the same network"
        )
    code = int(status[1]) if len(status) > 1 and status[1].isdigit() else 0
    return InputError(_REASONS[code].format(address.shown)) if code in _REASONS else None
