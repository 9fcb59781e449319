"""Cameras that speak RTSP (RFC 2326)."""

from __future__ import annotations

import re
import socket

from ..console import Console
from ..errors import InputError
from .address import Address
from .frame import Source
from .stream import TIMEOUT, StreamSource

_MOST = 4096  # bytes of an answer; its header is enough
_UNAUTHORIZED = 401
_REASONS = {
    _UNAUTHORIZED: "expected {1} for {0}, received 401 Unauthorized; write rtsp://NAME:PASSWORD@HOST/…, with other "
    "letters as %40 and the like",
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
    try:
        code, basic = _asked(address, None)
        # As FFmpeg does, the password goes out once the server has asked for it.
        if code == _UNAUTHORIZED and address.basic is not None:
            if not basic:
                return None  # digest, which only FFmpeg speaks: the password may be right, or not
            code, _ = _asked(address, address.basic)
    except OSError as error:
        reason = f"none within {TIMEOUT:g} s" if isinstance(error, TimeoutError) else error.strerror or str(error)
        return InputError(
            f"expected an answer from {address.shown}, received {reason}; "
            "check the address, and that the camera is on and in the same network"
        )
    wanted = "a name and password" if address.basic is None else "the right name and password"
    return InputError(_REASONS[code].format(address.shown, wanted)) if code in _REASONS else None


def _asked(address: Address, authorization: str | None) -> tuple[int, bool]:
    """Ask for the description of a stream: the status, 0 where it is none, and whether basic authentication is taken.

    Raises:
        OSError: there is no answer.
    """
    host = f"[{address.host}]" if ":" in address.host else address.host
    lines = [f"DESCRIBE rtsp://{host}:{address.port}{address.target} RTSP/1.0", "CSeq: 1", "Accept: application/sdp"]
    lines += [] if authorization is None else [f"Authorization: {authorization}"]
    answer = b""
    with socket.create_connection((address.host, address.port), TIMEOUT) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        while b"\r\n\r\n" not in answer and len(answer) < _MOST and (data := connection.recv(_MOST)):
            answer += data
    status = answer.split(b" ", 2)
    code = int(status[1]) if len(status) > 1 and status[1].isdigit() else 0
    return code, re.search(rb"^www-authenticate: *basic\b", answer, re.IGNORECASE | re.MULTILINE) is not None
