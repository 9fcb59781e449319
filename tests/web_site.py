"""A running page: a sink that a test feeds, or that a thread feeds as a camera would."""

from __future__ import annotations

import http.client
import io
import json
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from edgeproof.edge.answer import Answer
from edgeproof.edge.classifier import Latency, Prediction
from edgeproof.edge.collection import Collection
from edgeproof.edge.console import Console
from edgeproof.edge.contract import Activation, Contract, ImageInput, ModelOutput
from edgeproof.edge.game.match import Match
from edgeproof.edge.preprocess import Pixels
from edgeproof.edge.sources import Frame
from edgeproof.edge.web.address import Address, listen
from edgeproof.edge.web.sink import WebSink

LABELS = ("paper", "rock", "scissors")
PATIENCE = 60  # seconds; only a test that fails waits so long
ANSWER = "X-Edgeproof-Answer"


def answer(image: Pixels, index: int = 0, label: str | None = "rock", score: float = 0.75, **changes: Any) -> Answer:
    """An answer of now about a picture."""
    rest = (1 - score) / (len(LABELS) - 1)
    values = {name: score if name == label else rest for name in LABELS} if label is not None else {}
    prediction = Prediction(label, score, np.array([*values.values()], np.float32), values, Latency(0.5, 1.0, 2.0))
    return Answer.plain(Frame(image, "camera", index, time.monotonic()), prediction, **changes)


@dataclass
class Reply:
    """What the server replied."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def answer(self) -> Any:
        """The answer beside a picture."""
        return json.loads(self.headers[ANSWER])

    @property
    def picture(self) -> Pixels:
        image = cv2.imdecode(np.frombuffer(self.body, np.uint8), cv2.IMREAD_COLOR)
        assert image is not None
        return image  # type: ignore[return-value]  # uint8, as IMREAD_COLOR promises


@dataclass
class Site:
    """A page that is being served."""

    sink: WebSink
    port: int
    console: io.StringIO
    host: str = "127.0.0.1"
    feeder: threading.Thread | None = None
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def root(self) -> str:
        return f"http://{self.host}:{self.port}"

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Reply:
        return self._ask("GET", path, headers or {}, None)

    def post(self, path: str, value: object = None, headers: Mapping[str, str] | None = None) -> Reply:
        """Press a button as the page does, unless other headers are given."""
        given = {"Origin": self.root} if headers is None else headers
        return self._ask("POST", path, given, json.dumps(value).encode())

    def feed(self, make: Callable[[int], Answer], rate: float = 60.0) -> None:
        """Write answers from a thread until the site is closed."""

        def run() -> None:
            index = 0
            while not self.stop.wait(1 / rate):
                self.sink.write(make(index))
                index += 1

        self.feeder = threading.Thread(target=run)
        self.feeder.start()

    def pause(self) -> None:
        """Write no more answers."""
        self.stop.set()
        if self.feeder is not None:
            self.feeder.join(PATIENCE)
        self.feeder, self.stop = None, threading.Event()

    def settle(self) -> None:
        """Write no more answers, and wait until each picture that was taken is on the disk."""
        self.pause()
        recorder = self.sink._recorder
        until(lambda: recorder is None or not recorder._handover._busy)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the server: whatever is sent meanwhile is all there when it goes on, however slow the sender was."""
        go = threading.Event()
        self.sink._server.soon(lambda: go.wait(PATIENCE))  # type: ignore[arg-type,return-value]  # its result is nobody's
        try:
            yield
        finally:
            go.set()

    def close(self) -> None:
        """End it all; the sink waits a second for its threads, and a busy machine may need longer."""
        self.pause()
        self.sink.close()
        handovers = [self.sink._picture] + ([] if self.sink._recorder is None else [self.sink._recorder])
        for thread in (self.sink._server._thread, *(one._handover._thread for one in handovers)):
            thread.join(PATIENCE)
            assert not thread.is_alive()

    def _ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Reply:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, dict(headers))
            reply = connection.getresponse()
            return Reply(reply.status, reply.headers, reply.read())  # type: ignore[arg-type]
        finally:
            connection.close()


Serve = Callable[..., Site]


@contextmanager
def serving() -> Iterator[Serve]:
    """Give what serves a page on any free port; all of them are closed at the end."""
    sites: list[Site] = []

    def serve(
        host: str = "127.0.0.1",
        port: int = 0,
        labels: tuple[str, ...] = LABELS,
        collect: Path | None = None,
        best_of: int | None = None,
        **options: Any,
    ) -> Site:
        contract = Contract("rps-int8", ImageInput(16, 16, 3), ModelOutput(Activation.SOFTMAX, labels))
        listener = listen(Address(host, port))
        said = io.StringIO()
        collection = None if collect is None else Collection(collect)
        match = None if best_of is None else Match(best_of, random.Random(3))  # noqa: S311 - a game, no secret
        port = listener.getsockname()[1]
        sink = WebSink(listener, contract, Console(stream=said), collection=collection, match=match, **options)
        sites.append(Site(sink, port, said, host if host.startswith("127.") else "127.0.0.1"))
        return sites[-1]

    try:
        yield serve
    finally:
        for site in sites:
            site.close()


def until(condition: Callable[[], object]) -> None:
    """Wait for something that another thread does."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)
