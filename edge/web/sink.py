"""The web page as one of the loop's outputs."""

from __future__ import annotations

import socket
import threading
import time
import uuid
from collections.abc import Callable

from ..answer import Answer
from ..classifier import Origin
from ..collection import Collection
from ..console import Console
from ..contract import Contract
from ..game.match import Match
from .access import Access, Rules, local_names
from .address import is_loopback, reachable
from .app import Stage, build, page
from .arena import Arena
from .picture import Picture
from .recorder import Recorder
from .server import ServerThread
from .status import Status
from .viewers import Viewers

RATE = 25.0  # pictures a second
_MOST_COMPLAINTS = 20


class WebSink:
    """Serves the page; `write` copies a frame where a viewer waits for one, and does nothing else.

    Args:
        listener: the socket, see `address.listen`; the sink closes it.
        contract: of the model.
        console: where warnings go.
        name: the host's name that was asked for, which browsers may use beside its number.
        token: the secret that viewers must know; none where None.
        rate: pictures a second, at most.
        collection: where pictures go that are taken on the page.
        match: what is played on it.
    """

    def __init__(
        self,
        listener: socket.socket,
        contract: Contract,
        console: Console,
        *,
        name: str = "localhost",
        token: str | None = None,
        rate: float = RATE,
        collection: Collection | None = None,
        match: Match | None = None,
    ) -> None:
        labels = contract.output.labels
        self._newest: Answer | None = None
        failed = _complaint(console)
        self._recorder = None if collection is None else Recorder(collection, labels, console, failed)
        self._arena = None if match is None else Arena(match)
        self._status = Status(self._recorder, self._arena)
        wish = threading.Event()
        self._viewers = Viewers(wish.set)
        self._about = {"run": uuid.uuid4().hex, "model": contract.name, "labels": labels}
        self._origin: Origin | None = None  # of the newest answer
        stage = Stage(self._about, lambda: self._newest, self._status.whole, failed, self._recorder, self._arena)
        host, port = reachable(listener).rpartition(":")[::2]
        names = local_names(name, listener.getsockname()[0]) if is_loopback(listener) else None
        rules = Rules(token, names, int(port))
        self.url = f"http://{host}:{port}/" + (f"?token={token}" if token else "")
        app = Access(build(stage, self._viewers), rules, page("token.html"))
        self._server = ServerThread(listener, app, self._viewers.end, failed)
        self._picture = Picture(rate, wish, self._status.news, self._server.handing(self._viewers.publish), failed)

    @property
    def encoded(self) -> int:
        """How many pictures were encoded so far."""
        return self._picture.encoded

    def write(self, answer: Answer) -> None:
        """Take one answer."""
        now = time.monotonic()
        self._newest = answer
        origin = answer.prediction.origin
        if origin is not None and origin is not self._origin:
            self._origin, self._about["model"] = origin, origin.file
        self._status.count(now)
        if self._arena is not None:
            self._arena.offer(answer)
        if self._recorder is not None:
            self._recorder.offer(answer.frame.image, now)  # type: ignore[arg-type]  # a picture, or we were refused
        self._picture.offer(answer, now)

    def wait(self, seconds: float) -> None:  # noqa: ARG002 - a second is as good as an hour
        """Tell the viewers that the camera gives nothing now."""
        self._server.soon(self._viewers.fall_silent)

    def close(self) -> None:
        """Tell the viewers that it is over, and end within a second."""
        self._server.close()
        self._picture.close()
        if self._recorder is not None:
            self._recorder.close()


def _complaint(console: Console) -> Callable[[Exception], None]:
    said: set[str] = set()

    def complain(error: Exception) -> None:
        words = f"the web page met {type(error).__name__}: {error}"
        # Once, or a page that asks 25 times a second would fill the console; and words may hold a number that changes.
        if words not in said and len(said) < _MOST_COMPLAINTS:
            said.add(words)
            console.warn(words)

    return complain
