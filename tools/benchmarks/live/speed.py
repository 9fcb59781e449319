"""From a BGR frame to probabilities: ours, the bare interpreter, the usual OpenCV script, and MediaPipe."""

from __future__ import annotations

import json
import random
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from harness import Row, cost

from edgeproof.edge import modelfile
from edgeproof.edge.classifier import Classifier
from edgeproof.edge.interpreters.tflite_api import TFLiteInterpreter
from edgeproof.edge.native_noise import muted
from edgeproof.edge.preprocess import Pixels
from edgeproof.edge.sources.hands import HandsSource

_FRAMES = 30
_BLOCK = 60  # frames that one process answers before it is another's turn
_WARM = 20
_MEDIAPIPE = Path(__file__).with_name("mediapipe_side.py")


def frames() -> Pixels:
    """Draw frames as a camera gives them: (30, 480, 640, 3), BGR."""
    source = HandsSource(_FRAMES)
    drawn = []
    while (frame := source.read()) is not None:
        drawn.append(frame.image)
    return np.stack(drawn)  # type: ignore[return-value]  # uint8, all of them


def measure(name: str, model: Path, threads: int, rounds: int, goals: tuple[float, float], drawn: Pixels) -> list[Row]:
    """Compare ours with the bare interpreter and with the usual script, frame by frame in a random order.

    Args:
        name: of the network.
        model: its int8 .tflite.
        threads: of the interpreter, which is the same one for all three.
        rounds: of so many frames.
        goals: how many times the bare invoke ours may take, and how many times faster than the script it has to be.
        drawn: the frames.
    """
    raw = _interpreter(model, threads)
    file = modelfile.read(model)
    if file.contract is None:
        raise ValueError(f"expected a file with a contract, received {model}")
    classifier = Classifier(file.contract, TFLiteInterpreter("the same", lambda **_: raw, file.model, threads))
    sides = {"ours": classifier.classify, "bare": lambda _: raw.invoke(), "script": Script(raw)}
    took = _alternating(sides, drawn, rounds)
    words = f"{name}, {threads} thread{'s' * (threads > 1)}: frame to probabilities"
    return [
        cost(f"{words}, beside invoke()", took["ours"], took["bare"], "ms", 1 / goals[0]),
        cost(f"{words}, beside the script", took["ours"], took["script"], "ms", goals[1]),
    ]


def beside_mediapipe(model: Path, python: Path, rounds: int, drawn: Pixels, folder: Path) -> Row:
    """Compare ours with MediaPipe, which has a process of its own, in blocks of frames."""
    classifier = Classifier.open(model)
    ours: list[float] = []
    theirs: list[float] = []
    with _mediapipe(model, python, drawn, folder) as ask:
        for _ in range(rounds + 1):
            mine = [_timed(classifier.classify, drawn[index % len(drawn)]) for index in range(_BLOCK)]
            ours, theirs = ours + mine[_WARM:], theirs + ask(_BLOCK)[_WARM:]
    return cost("rps: frame to probabilities, beside MediaPipe", ours, theirs, "ms", 2.3)


def _interpreter(model: Path, threads: int) -> Interpreter:
    with muted():  # the delegate announces itself
        interpreter = Interpreter(model_path=str(model), num_threads=threads)
        interpreter.allocate_tensors()
    return interpreter


class Script:
    """What scripts for TFLite and OpenCV usually do, on the same interpreter."""

    def __init__(self, interpreter: Interpreter) -> None:
        self._interpreter = interpreter
        self._input: Any = self._interpreter.get_input_details()[0]
        self._output: Any = self._interpreter.get_output_details()[0]

    def __call__(self, frame: Pixels) -> int:
        """Answer one frame."""
        _, height, width, _ = self._input["shape"]
        rgb = cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)
        real = np.float32(cv2.resize(rgb, (width, height))) / 255.0
        scale, zero_point = self._input["quantization"]
        stored = (real / scale + zero_point).astype(self._input["dtype"])
        self._interpreter.set_tensor(self._input["index"], np.expand_dims(stored, 0))
        self._interpreter.invoke()
        found = self._interpreter.get_tensor(self._output["index"])[0]
        scale, zero_point = self._output["quantization"]
        return int(np.argmax((found.astype(np.float32) - zero_point) * scale))


_arrived = np.empty((480, 640, 3), np.uint8)  # where a camera's decoder writes


def _timed(answer: Callable[[Pixels], object], frame: Pixels) -> float:
    np.copyto(_arrived, frame)  # it has just been written when it is answered
    start = time.perf_counter()
    answer(_arrived)
    return (time.perf_counter() - start) * 1e3


def _alternating(sides: dict[str, Callable[[Pixels], object]], drawn: Pixels, rounds: int) -> dict[str, list[float]]:
    took: dict[str, list[float]] = {name: [] for name in sides}
    order, rng = list(sides), random.Random(0)  # noqa: S311 - an order, not a secret
    for index in range(_WARM + rounds * _BLOCK):
        rng.shuffle(order)  # whoever comes after another finds that one's traces in the caches
        for name in order:
            took[name].append(_timed(sides[name], drawn[index % len(drawn)]))
    return {name: times[_WARM:] for name, times in took.items()}


@contextmanager
def _mediapipe(model: Path, python: Path, drawn: Pixels, folder: Path) -> Iterator[Callable[[int], list[float]]]:
    path = folder / "frames.npy"
    np.save(path, drawn)
    command = [str(python), str(_MEDIAPIPE), str(model), str(path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True) as process:  # noqa: S603 - ours
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("expected pipes to MediaPipe's process")
        stdin, stdout = process.stdin, process.stdout
        if stdout.readline().strip() != "ready":
            raise RuntimeError(f"expected MediaPipe to answer a frame of {model}, received no answer")

        def ask(count: int) -> list[float]:
            stdin.write(f"{count}\n")
            stdin.flush()
            times: list[float] = json.loads(stdout.readline())
            return times

        yield ask
        stdin.close()
