"""Cameras that speak HTTP: what the server calls its content decides what reads it."""

from __future__ import annotations

import http.client
import ssl
from dataclasses import dataclass
from urllib.parse import urljoin

from ..console import Console
from ..errors import InputError
from . import Source, refuse_requests
from .address import Address
from .options import SourceOptions

TIMEOUT = 2.5  # seconds without a byte; below what a read may take before it counts as hanging
_UNAUTHORIZED = 401
# What FFmpeg reads by itself: video files, and playlists of them.
_VIDEO = ("video/", "application/vnd.apple.mpegurl", "application/x-mpegurl", "application/octet-stream")


@dataclass
class Reply:
    """A server's answer, with the connection that it comes through."""

    connection: http.client.HTTPConnection
    response: http.client.HTTPResponse

    @property
    def content_type(self) -> str:
        """The media type in small letters: "image/jpeg", say."""
        return self.response.headers.get_content_type()

    def close(self) -> None:
        """Hang up."""
        self.response.close()
        self.connection.close()


def open_http(address: Address, console: Console, options: SourceOptions) -> Source:
    """Open a stream of JPEG, a picture that is asked for again and again, or a video.

    Raises:
        InputError: the server gives none of these, or nothing.
    """
    reply = get(address)
    kind = reply.content_type
    if kind.startswith("multipart/") and options.rate is None:
        from .mjpeg import MjpegSource

        return MjpegSource(address, reply, console)
    live = reply.response.length is None  # a file has an end
    reply.close()
    if not kind.startswith("image/"):
        refuse_requests(address.shown, options)  # a stream has its own rate
    else:
        from .snapshot import SnapshotSource

        return SnapshotSource(address, console, options)
    if kind.startswith(_VIDEO):
        from .stream import StreamSource

        return StreamSource(address, console, live=live)
    raise InputError(
        f"expected a stream of JPEG, a picture or a video, received {kind} from {address.shown}; "
        "give the address of the camera's stream, not of its page"
    )


def get(address: Address) -> Reply:
    """Ask a server for what an address names.

    Raises:
        InputError: the server is not there, or answers with anything else than success.
    """
    connection = _connection(address)
    try:
        connection.request("GET", address.target, headers=_headers(address))
        reply = Reply(connection, connection.getresponse())
    except (OSError, http.client.HTTPException, ValueError) as error:
        connection.close()
        raise unreachable(address, error) from None
    if reply.response.status != http.client.OK:
        reply.close()
        raise InputError(_refusal(address, reply.response))
    return reply


def unreachable(address: Address, error: Exception) -> InputError:
    """Word why nothing came from a server."""
    if isinstance(error, TimeoutError):
        reason = f"none within {TIMEOUT:g} s"
    elif isinstance(error, ssl.SSLCertVerificationError):
        reason = f"a certificate that is not trusted ({error.verify_message})"
    elif isinstance(error, OSError):
        reason = error.strerror or str(error) or type(error).__name__
    else:
        reason = f"something that is no HTTP ({type(error).__name__})"
    return InputError(
        f"expected an answer from {address.shown}, received {reason}; "
        "check the address, and that the camera is on and in the same network"
    )


def _connection(address: Address) -> http.client.HTTPConnection:
    kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    return kind(address.host, address.port, timeout=TIMEOUT)


def _headers(address: Address) -> dict[str, str]:
    return {} if address.basic is None else {"Authorization": address.basic}


def _refusal(address: Address, response: http.client.HTTPResponse) -> str:
    status = f"{response.status} {response.reason}"
    if response.status != _UNAUTHORIZED:
        place = _moved_to(address, response.headers.get("Location", ""))
        return f"expected 200 OK from {address.shown}, received {status}; give the address of {place}"
    asked = response.headers.get("WWW-Authenticate", "").partition(" ")[0].lower()
    if asked == "digest":
        return (
            f"expected a server that takes basic authentication, received {status} for digest from {address.shown}; "
            "allow basic in the camera's settings"
        )
    given = "the right name and password" if address.user is not None else "a name and password"
    return (
        f"expected {given} for {address.shown}, received {status}; write {address.scheme}://NAME:PASSWORD@HOST/…, "
        "with other letters as %40 and the like"
    )


def _moved_to(address: Address, location: str) -> str:
    """Say where a server sends those who ask; it may be a place within the same server, or none at all."""
    try:
        return Address.parse(urljoin(address.url, location)).shown if location else "its stream"
    except (ValueError, InputError):
        return "its stream"
