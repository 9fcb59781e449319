"""Addresses of cameras in a network, whose passwords are for the camera alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit

from ..errors import InputError
from ..names import utf8

PORTS = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}


@dataclass(frozen=True)
class Address:
    """An address in parts.

    `url` is as it was given, and holds secrets; `shown` is what anyone may read: without name and password, and
    without the query, in which many a camera takes them too. `target` is what a server is asked for.
    """

    scheme: str
    host: str
    port: int
    target: str
    shown: str
    url: str = field(repr=False)
    user: str | None = field(default=None, repr=False)
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, url: str) -> Address:
        """Read an address such as "http://name:password@camera:8080/stream?id=1".

        Raises:
            InputError: it names no host, a bad port, or holds letters that no address has.
        """
        try:
            parts = urlsplit(utf8(url))
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port = None, None
        else:
            if host and url.isprintable() and " " not in url:
                port = port or PORTS.get(parts.scheme, 0)
                return cls(
                    parts.scheme,
                    host,
                    port,
                    _target(parts),
                    _shown(parts),
                    url,
                    None if parts.username is None else unquote(parts.username),
                    unquote(parts.password or ""),
                )
        raise InputError(
            f"expected an address such as rtsp://camera:554/stream, received {url.partition('://')[0]}:// with no "
            "host, a bad port, or a blank; write other letters of a password as %20 and the like"
        )


def _target(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _shown(parts: SplitResult) -> str:
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}" + ("?…" if parts.query else "")
