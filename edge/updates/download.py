"""An address that new model files come from: asked every so often whether there is another one, and fetched whole."""

from __future__ import annotations

import hashlib
import http.client
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from .. import typed_json
from ..atomic import replacing, write_text
from ..console import Console
from ..errors import InputError
from ..loopback import is_loopback
from ..names import file_name
from ..sources.address import Address
from ..sources.http import connection_to, headers_for, unreachable
from .folder import SUFFIXES

LARGEST = 1 << 30  # bytes of a file
LONGEST = 900.0  # seconds for all of it; a large file over a slow line
TIMEOUT = 10.0  # seconds without a byte
_MOST_MOVES = 3
_CHUNK = 1 << 16
_MOVED = (301, 302, 303, 307, 308)
_FOLDER, _SEEN = "downloads", "seen.json"


@dataclass(frozen=True)
class Seen:
    """What a server said of the file that is here: it is asked for another one. `url` by its hash: it may be secret."""

    url_sha256: str
    etag: str
    modified: str
    file: str


class Download:
    """Fetches what an address names into a folder of its own.

    Args:
        address: http or https.
        state: the folder of the state.
        every: seconds between two questions.
        console: where it is said that the server is away.
    """

    def __init__(self, address: Address, state: Path, every: float, console: Console) -> None:
        self.folder = state / _FOLDER
        self.folder.mkdir(parents=True, exist_ok=True)
        self._address, self._every, self._console = address, every, console
        self._url_sha256 = hashlib.sha256(address.url.encode()).hexdigest()
        self._seen = self._read_seen()
        self._due = 0.0  # in seconds of time.monotonic
        self._complained = False

    def poll(self, is_over: Callable[[], bool]) -> None:
        """Ask, if it is time to; a server that is away is told of once, and asked again later.

        Raises:
            OSError: the folder cannot be written to.
        """
        if time.monotonic() < self._due:
            return
        try:
            self._fetch(is_over)
        except InputError as error:
            if not self._complained:
                self._console.warn(f"--watch: {error}; it is asked again")
            self._complained = True
        else:
            self._complained = False
        finally:
            self._due = time.monotonic() + self._every

    def _fetch(self, is_over: Callable[[], bool]) -> None:
        address = self._address
        for _ in range(_MOST_MOVES + 1):
            connection = connection_to(address, TIMEOUT)
            try:
                response = _asked(connection, address, self._conditions())
                if response.status in _MOVED:
                    address = _moved(address, response.headers.get("Location", ""))
                    continue
                if response.status == http.client.NOT_MODIFIED:
                    return
                if response.status != http.client.OK:
                    raise InputError(
                        f"expected 200 OK from {address.shown}, received {response.status} {response.reason}"
                    )
                self._keep(response, address, is_over)
                return
            finally:
                connection.close()
        raise InputError(f"expected a file from {self._address.shown}, received more than {_MOST_MOVES} redirects")

    def _conditions(self) -> dict[str, str]:
        seen = self._seen
        if seen is None:
            return {}
        conditions = {"If-None-Match": seen.etag, "If-Modified-Since": seen.modified}
        return {name: value for name, value in conditions.items() if value}

    def _keep(self, response: http.client.HTTPResponse, address: Address, is_over: Callable[[], bool]) -> None:
        name = _name(self._address) or _name(address)
        if name is None:
            raise InputError(f"expected an address that ends in {' or '.join(SUFFIXES)}, received {address.shown}")
        path = self.folder / name
        with replacing(path) as temporary, temporary.open("wb") as file:
            size = 0
            end = time.monotonic() + LONGEST
            while data := _received(response, address):
                size += len(data)
                if size > LARGEST or time.monotonic() > end or is_over():
                    raise InputError(
                        f"expected up to {LARGEST} bytes within {LONGEST:g} s from {address.shown}, "
                        "received more, or the run ends"
                    )
                file.write(data)
            if response.length:
                raise InputError(f"expected {size + response.length} bytes from {address.shown}, received {size}")
        headers = response.headers
        self._seen = Seen(self._url_sha256, headers.get("ETag", ""), headers.get("Last-Modified", ""), name)
        write_text(self.folder / _SEEN, typed_json.dumps(self._seen))

    def _read_seen(self) -> Seen | None:
        try:
            seen = typed_json.loads(Seen, (self.folder / _SEEN).read_bytes(), _SEEN)
        except (OSError, InputError):
            return None
        is_ours = seen.url_sha256 == self._url_sha256 and (self.folder / file_name(seen.file)).is_file()
        return seen if is_ours else None


def check(address: Address, is_signed: bool) -> None:
    """See to it that nobody between here and a server can put another file in the place of the one that is there.

    Raises:
        InputError: it is no http:// or https:// address, or plain http to another machine, without signatures.
    """
    if address.scheme not in ("http", "https"):
        raise InputError(f"expected a folder, or an http:// or https:// address for --watch, received {address.shown}")
    if address.scheme == "http" and not is_signed and not is_loopback(address.host):
        raise InputError(
            f"expected https:// for --watch, received {address.shown}, which anyone on the way can answer; "
            "use https://, or --require-signature"
        )


def _asked(
    connection: http.client.HTTPConnection, address: Address, conditions: dict[str, str]
) -> http.client.HTTPResponse:
    try:
        connection.request("GET", address.target, headers=conditions | headers_for(address))
        return connection.getresponse()
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise unreachable(address, error, TIMEOUT, "server") from None


def _received(response: http.client.HTTPResponse, address: Address) -> bytes:
    try:
        return response.read1(_CHUNK)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise unreachable(address, error, TIMEOUT, "server") from None


def _moved(address: Address, location: str) -> Address:
    """Follow a redirect, with no name and password for another server, and never from https to http."""
    try:
        moved = Address.parse(urljoin(address.url, location)) if location else None
    except (ValueError, InputError):
        moved = None
    if moved is None or moved.scheme not in ("http", "https"):
        raise InputError(f"expected a file from {address.shown}, received a redirect to nowhere")
    if moved.scheme == "http" and (address.scheme == "https" or moved.host != address.host):
        raise InputError(
            f"expected https:// from {address.shown}, received a redirect to {moved.shown}; give that address"
        )
    return moved


def _name(address: Address) -> str | None:
    """Give the name of the file that an address names; None where it is no model's."""
    name = file_name(unquote(urlsplit(address.url).path).rpartition("/")[2])
    return name if name.lower().endswith(SUFFIXES) else None
