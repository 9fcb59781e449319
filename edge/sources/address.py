"""Addresses of cameras in a network, whose passwords are for the camera alone."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit

from ..errors import InputError
from ..names import utf8

# What a person may have meant as an address: its scheme with too few slashes, name and password, and the rest.
_SCHEME = r"(?:[a-z]{2,}:/+|/{2,})?"
_SECRETS = re.compile(rf"(?P<scheme>{_SCHEME})(?P<secrets>.*)(?=@)", re.IGNORECASE | re.DOTALL)
_QUERY = re.compile(r"(?<=\?).+", re.DOTALL)
_HIDDEN = "…"
PORTS = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}


@dataclass(frozen=True)
class Address:
    """An address in parts.

    `url` is as it was given, and holds secrets; `shown` is what anyone may read: without name and password, and
    without the query, in which many a camera takes them too. `target` is what a server is asked for, with the query.
    """

    scheme: str
    host: str
    port: int
    target: str = field(repr=False)
    shown: str
    url: str = field(repr=False)
    user: str | None = field(default=None, repr=False)
    password: str = field(default="", repr=False)

    @property
    def basic(self) -> str | None:
        """Name and password as HTTP's and RTSP's header of basic authentication has them (RFC 7617), if any."""
        if self.user is None:
            return None
        return f"Basic {base64.b64encode(f'{self.user}:{self.password}'.encode()).decode()}"

    @classmethod
    def parse(cls, url: str) -> Address:
        """Read an address such as "http://name:password@camera:8080/stream?id=1".

        Raises:
            InputError: it names no host, a bad port, or holds letters that no address has.
        """
        try:
            parts = urlsplit(utf8(url))
            host, port = parts.hostname, parts.port
            (host or "").encode("idna")  # what looking it up will do
        except ValueError:
            host, port = None, None
        else:
            if host and url.isprintable() and " " not in url and not _cut_short(parts):
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
        scheme = url.partition("://")[0]
        # What stands there and is no scheme may be anything: a password too.
        received = f"{scheme}://" if scheme.isascii() and scheme.isalpha() else "one"
        raise InputError(
            f"expected an address such as rtsp://camera:554/stream, received {received} with no "
            "host, a bad host or port, a blank, or an @ behind the host; write the / of a password as %2F, and other "
            "letters as %20 and the like"
        )


def hidden(name: str) -> str:
    """Make what may be a mistyped address fit to be shown: without what looks like a password, and like a query."""
    shown = name
    if (match := _SECRETS.match(name)) and ":" in name[: match.end()]:
        shown = f"{match['scheme']}{_HIDDEN}{name[match.end() :]}"
    return _QUERY.sub(_HIDDEN, shown) if "@" in shown or ":/" in shown else shown


def _cut_short(parts: SplitResult) -> bool:
    """Tell whether a sign within a password ended it too soon, so that an @ is left in what follows the host."""
    return "@" in parts.path + parts.fragment or (not parts.path and "@" in parts.query)


def _target(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _shown(parts: SplitResult) -> str:
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}" + ("?…" if parts.query else "")
