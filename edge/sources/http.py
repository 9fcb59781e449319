"""A request to a camera that speaks HTTP, and its answer."""

from __future__ import annotations

import http.client
import ssl
from dataclasses import dataclass
from urllib.parse import urljoin

from ..errors import InputError
from .address import Address

TIMEOUT = 2.5  # seconds without a byte; below what a read may take before it counts as hanging
_UNAUTHORIZED = 401


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


def get(address: Address) -> Reply:
    """Ask a server for what an address names.

    Raises:
        InputError: the server is not there, or answers with anything else than success.
    """
    connection = connection_to(address, TIMEOUT)
    try:
        connection.request("GET", address.target, headers=headers_for(address))
        reply = Reply(connection, connection.getresponse())
    except (OSError, http.client.HTTPException, ValueError) as error:
        connection.close()
        raise unreachable(address, error) from None
    if reply.response.status != http.client.OK:
        reply.close()
        raise InputError(_refusal(address, reply.response))
    return reply


def connection_to(address: Address, timeout: float) -> http.client.HTTPConnection:
    """Make a connection, which is opened by its first request; `timeout` is in seconds without a byte.

    HTTPSConnection verifies the certificate and the host's name, by Python's own default.
    """
    kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    return kind(address.host, address.port, timeout=timeout)


def headers_for(address: Address) -> dict[str, str]:
    """Give the name and the password of an address, where it has them."""
    return {} if address.basic is None else {"Authorization": address.basic}


def unreachable(address: Address, error: Exception, timeout: float | None = None, what: str = "camera") -> InputError:
    """Word why nothing came from a server within so many seconds, those of a camera where None."""
    if isinstance(error, TimeoutError):
        reason = f"none within {TIMEOUT if timeout is None else timeout:g} s"
    elif isinstance(error, ssl.SSLCertVerificationError):
        reason = f"a certificate that is not trusted ({error.verify_message})"
    elif isinstance(error, OSError):
        reason = error.strerror or str(error) or type(error).__name__
    else:
        reason = f"something that is no HTTP ({type(error).__name__})"
    return InputError(
        f"expected an answer from {address.shown}, received {reason}; "
        f"check the address, and that the {what} is on and in the same network"
    )


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
