"""A loop that gives answers to every output that writes to a disk or to a broker, and how long each of them takes."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from edgeproof.edge.answer import Answer
from edgeproof.edge.classifier import Latency, Prediction
from edgeproof.edge.collection import Collection
from edgeproof.edge.console import Console
from edgeproof.edge.sinks import Sink, mqtt, unsure
from edgeproof.edge.sinks.about import About
from edgeproof.edge.sinks.broker import Broker
from edgeproof.edge.sinks.log import LogSink
from edgeproof.edge.sinks.mqtt import MqttSink
from edgeproof.edge.sinks.pictures import PictureFolder
from edgeproof.edge.sinks.snapshots import Rule, SnapshotSink
from edgeproof.edge.sinks.unsure import UnsureSink
from edgeproof.edge.sources import Frame
from edgeproof.edge.web.recorder import Recorder

RATE = 50.0  # answers a second
TOPIC = "home/camera"
OUTPUTS = ("--log", "--save-on", "--save-unsure", "room for a picture")  # what their warnings name
_PAUSE = 0.3  # seconds from one try to write to the next; 30 in earnest
_OFTEN = 0.1  # seconds between two pictures
_BUDGET = 300_000  # bytes of pictures in a folder
_LABELS = ("paper", "rock", "scissors")


class OutputLoop:
    """The loop, in a thread.

    Args:
        disk: the folder for everything that is written.
        port: of the broker.
    """

    def __init__(self, disk: Path, port: int) -> None:
        self.index = 0  # of the newest answer
        self.holdups: list[float] = []  # seconds of each answer in all outputs together
        self.most_waiting = 0  # messages that waited for the broker
        self.most_bytes = 0
        self.said = io.StringIO()
        self.error: Exception | None = None
        mqtt._BACK_OFF, mqtt._KEEP_ALIVE = (1, 1), 2  # 1 to 30 s and 15 s in earnest
        unsure._INTERVAL = _OFTEN
        console = Console(stream=self.said)
        self.folders = [
            PictureFolder(disk / name, _BUDGET, flag, console, _PAUSE)
            for name, flag in (("snapshots", "--save-on"), ("unsure", "--save-unsure"))
        ]
        self.collection = Collection(disk / "collected", 50 * _BUDGET)
        self.recorder = Recorder(self.collection, _LABELS, console, self._note)
        self.log = disk / "log" / "log.jsonl"
        self._mqtt = MqttSink(
            Broker("127.0.0.1", port, False, TOPIC), _OFTEN, About("rps", _LABELS, "none", "0"), console
        )
        self._sinks: list[Sink] = [
            LogSink(self.log, 100_000, 2, console, _PAUSE),
            SnapshotSink([Rule("rock")], _OFTEN, self.folders[0]),
            UnsureSink(1.0, self.folders[1]),
            self._mqtt,
        ]
        self._rng = np.random.default_rng(0)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    @property
    def written(self) -> tuple[int, ...]:
        """How far each output on the disk is: bytes of the log, and pictures of each folder."""
        try:
            size = self.log.stat().st_size
        except OSError:
            size = 0
        return size, *(folder.kept for folder in self.folders), sum(self.collection.counts.values())

    def warnings(self, what: str) -> int:
        """Count the warnings of an output."""
        return sum(line.startswith("warning: ") and what in line for line in self.said.getvalue().splitlines())

    def close(self) -> None:
        """End the loop, and then the outputs."""
        self._stop.set()
        self._thread.join()
        for sink in self._sinks:
            sink.close()
        for folder in self.folders:
            folder.close()
        self.recorder.close()

    def _run(self) -> None:
        try:
            while not self._stop.wait(1 / RATE):
                self._answer()
        except Exception as error:  # which would have ended a run
            self.error = error

    def _answer(self) -> None:
        image = self._rng.integers(0, 256, (60, 80, 3), np.uint8)
        self.index += 1
        values = dict(zip(_LABELS, (0.3, 0.4, 0.3), strict=True))
        prediction = Prediction("rock", 0.4, np.array([0.3, 0.4, 0.3], np.float32), values, Latency(1.0, 1.0, 2.0))
        answer = Answer.plain(Frame(image, "campaign", self.index, time.monotonic()), prediction)
        self.recorder.hold("rock")
        start = time.monotonic()
        self.recorder.offer(image, start)
        for sink in self._sinks:
            sink.write(answer)
        self.holdups.append(time.monotonic() - start)
        client = self._mqtt._client
        self.most_waiting = max(self.most_waiting, len(client._out_packet), len(client._out_messages))
        self.most_bytes = max(self.most_bytes, sum(len(packet["packet"]) for packet in tuple(client._out_packet)))

    def _note(self, error: Exception) -> None:
        self.error = error


def until(holds: Callable[[], bool], patience: float) -> float | None:
    """Wait for something, and say how many seconds it took; None where it did not come in time."""
    start = time.monotonic()
    while not holds():
        if time.monotonic() - start > patience:
            return None
        time.sleep(0.01)
    return time.monotonic() - start
