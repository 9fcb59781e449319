"""What viewers of the web page cost the loop: frames answered in a time, with five of them and with none."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness import Row, alternate
from harness import rate as harness_rate

from edgeproof.edge import loop
from edgeproof.edge.classifier import Classifier
from edgeproof.edge.console import Console
from edgeproof.edge.preprocess import Pixels
from edgeproof.edge.sources import Frame, Spare
from edgeproof.edge.web.address import Address, listen
from edgeproof.edge.web.sink import WebSink

_VIEWERS = 5
_SECONDS = 3.0
_RATE = 30  # frames a second of a camera
_KEPT = 0.9  # of its frames the loop has to answer
_VIEWER = Path(__file__).with_name("viewer.py")


class _Frames:
    """Gives drawn frames for a time: as a camera does, or as fast as they are answered where `rate` is None."""

    def __init__(self, drawn: Pixels, rate: float | None) -> None:
        self.live = rate is not None
        self._drawn, self._rate = drawn, rate
        self._start = time.monotonic()
        self._index = 0

    def read(self, spare: Spare = None) -> Frame | None:  # noqa: ARG002 - the interface's
        now = time.monotonic()
        if now - self._start > _SECONDS:
            return None
        if self._rate is not None:
            time.sleep(max(0.0, self._start + self._index / self._rate - now))
        self._index += 1
        return Frame(self._drawn[self._index % len(self._drawn)], "frames", self._index - 1, time.monotonic())

    def close(self) -> None:
        """Nothing is held open."""


def measure(model: Path, drawn: Pixels, rounds: int) -> list[Row]:
    """Compare the frames answered with viewers and without, in turn."""
    classifier = Classifier.open(model)
    rows = []
    for words, rate in (("of a camera at 30 a second", _RATE), ("as fast as they are answered", None)):
        watched, alone = alternate(
            rounds,
            lambda rate=rate: _answered(classifier, drawn, rate, _VIEWERS),
            lambda rate=rate: _answered(classifier, drawn, rate, 0),
        )
        rows.append(harness_rate(f"frames {words}, with 5 viewers, beside none", watched, alone, "1/s", _KEPT))
    return rows


def _answered(classifier: Classifier, drawn: Pixels, rate: float | None, viewers: int) -> float:
    """Give the frames answered in a second."""
    listener = listen(Address("127.0.0.1", 0))
    port = listener.getsockname()[1]
    sink = WebSink(listener, classifier.contract, Console(quiet=True))
    try:
        with _watching(port, viewers):
            summary = loop.run(_Frames(drawn, rate), classifier, [sink])
    finally:
        sink.close()
    return summary.frames / summary.seconds


@contextmanager
def _watching(port: int, viewers: int) -> Iterator[None]:
    if not viewers:
        yield
        return
    command = [sys.executable, str(_VIEWER), f"127.0.0.1:{port}", str(viewers)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:  # noqa: S603 - ours
        time.sleep(0.5)  # until they have asked; the first picture comes with the first frame
        yield
        if process.stdin is not None:
            process.stdin.close()
