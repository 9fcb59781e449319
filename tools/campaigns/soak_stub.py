"""A device whose interpreter is a stub: the real loop, classifier, capture thread and outputs, as fast as they go.

Run as a program of its own, which `soak` measures: soak_stub.py COUNT FOLDER.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from edgeproof.edge import loop
from edgeproof.edge.answer import Answer
from edgeproof.edge.classifier import Classifier
from edgeproof.edge.console import Console
from edgeproof.edge.contract import Activation, Contract, ImageInput, ModelOutput, Quantization
from edgeproof.edge.interpreters import TensorInfo
from edgeproof.edge.preprocess import pixel_quantization
from edgeproof.edge.sinks import Sink
from edgeproof.edge.sinks.about import About
from edgeproof.edge.sinks.lines import JsonLines
from edgeproof.edge.sinks.log import LogSink
from edgeproof.edge.sinks.metrics import MetricsSink
from edgeproof.edge.sinks.pictures import PictureFolder
from edgeproof.edge.sinks.snapshots import Rule, SnapshotSink
from edgeproof.edge.sources import Frame, Spare
from edgeproof.edge.sources.memory import copied
from edgeproof.edge.steady import Steady, Steadying
from edgeproof.edge.web.address import Address, listen
from edgeproof.edge.web.sink import WebSink

LABELS = ("paper", "rock", "scissors")
_HEIGHT, _WIDTH, _SIDE = 24, 32, 8  # pixels of a frame, and of the model's input
_ROWS = 97  # different outputs
_PICTURES = 16  # different frames
_LOG_SIZE, _LOG_KEEP = 1_000_000, 3
_BUDGET = 100_000  # bytes of snapshots
_SEED = 0


class StubInterpreter:
    """Answers from a list; what the real one does between its tensors is the only thing that is left out."""

    name = "stub"

    def __init__(self, contract: Contract, seed: int) -> None:
        wanted, given = contract.input, contract.output
        self.input = TensorInfo("in", (1, *wanted.tensor_shape), wanted.dtype, wanted.quantization)
        self.output = TensorInfo("out", (1, len(given.labels)), given.dtype, given.quantization)
        shares = np.random.default_rng(seed).dirichlet(np.full(len(given.labels), 0.3), _ROWS)
        self._rows = np.rint(shares * 255).astype(np.uint8)[:, None]
        self._input = np.zeros((1, *wanted.tensor_shape), np.uint8)
        self._round = 0

    def input_tensor(self) -> NDArray[np.generic]:
        """Give the memory that is written to."""
        return self._input

    def invoke(self) -> None:
        """Go on to the next row."""
        self._round = (self._round + 1) % _ROWS

    def output_tensor(self) -> NDArray[np.generic]:
        """Give the row of this round."""
        row: NDArray[np.generic] = self._rows[self._round]
        return row


class Turnstile:
    """A live source that gives its next frame as soon as the loop has answered the last, and a sink that says so."""

    live = True

    def __init__(self, seed: int) -> None:
        self._pictures = np.random.default_rng(seed).integers(0, 256, (_PICTURES, _HEIGHT, _WIDTH, 3), np.uint8)
        self._turn = threading.Semaphore()
        self._index = 0
        self._ended = False

    def read(self, spare: Spare = None) -> Frame | None:
        """Give the next frame."""
        self._turn.acquire()
        if self._ended:
            return None
        index = self._index
        self._index += 1
        return Frame(copied(self._pictures[index % _PICTURES], spare), "stub", index, time.monotonic())

    def write(self, _: Answer) -> None:
        """Let the next frame in."""
        self._turn.release()

    def close(self) -> None:
        """Nothing is held open."""
        self._ended = True
        self._turn.release()


def contract() -> Contract:
    """Describe the stub's model."""
    wanted = ImageInput(_SIDE, _SIDE, 3, dtype="uint8", quantization=pixel_quantization(ImageInput(_SIDE, _SIDE, 3)))
    given = ModelOutput(Activation.SOFTMAX, LABELS, "uint8", Quantization(1 / 255, 0), unknown_below=0.5)
    return Contract("stub", wanted, given)


def open_sinks(classifier: Classifier, folder: Path, lines: TextIO, console: Console, stack: ExitStack) -> list[Sink]:
    """Open every output that needs no other program; the stack closes them."""
    about = About("stub", LABELS, "stub", "0")
    pictures = PictureFolder(folder / "snapshots", _BUDGET, "--save-on", console)
    stack.callback(pictures.close)
    sinks: list[Sink] = [
        JsonLines(lines),
        LogSink(folder / "log.jsonl", _LOG_SIZE, _LOG_KEEP, console),
        SnapshotSink([Rule(label, 0.5) for label in LABELS], 1.0, pictures),
        MetricsSink(("127.0.0.1", 0), about, console),
    ]
    web = WebSink(listen(Address("127.0.0.1", 0)), classifier.contract, console)
    sinks.append(web)
    console.say(f"web page: {web.url}")
    for sink in sinks:
        stack.callback(sink.close)
    return sinks


def main() -> int:
    """Answer as many frames as the command line says."""
    # The loop and the capture thread take turns: on one processor each handover costs a quarter.
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    count, folder = int(sys.argv[1]), Path(sys.argv[2])
    console = Console()
    made = contract()
    classifier = Classifier(made, StubInterpreter(made, _SEED))
    turnstile = Turnstile(_SEED)
    steady = Steady(Steadying(0.4, 3, 5, 0.001), made.output.unknown_below)
    with Path(os.devnull).open("w") as nowhere, ExitStack() as stack:
        sinks = open_sinks(classifier, folder, nowhere, console, stack)
        summary = loop.run(turnstile, classifier, [*sinks, turnstile], count, steady)
    console.say(f"{classifier.interpreter.name}: {summary}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
