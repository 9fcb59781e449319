"""Answers, as the loop gives them to its sinks."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from edgeproof.edge.answer import Answer
from edgeproof.edge.classifier import Latency, Prediction
from edgeproof.edge.preprocess import Pixels
from edgeproof.edge.sinks.about import About
from edgeproof.edge.sources import Frame

ABOUT = About("rps-int8", ("paper", "rock", "scissors"), "ai-edge-litert 2.3.0", "0.1.0")
_PATIENCE = 60  # seconds; only a test that fails waits so long


def answer(
    label: str | None = "rock",
    score: float = 0.75,
    *,
    raw: tuple[str, tuple[float, ...]] = ("rock", (0.125, 0.75, 0.125)),
    image: Pixels | None = None,
    captured: float = 0.0,
    dropped: int = 0,
) -> Answer:
    """Give an answer that shows `label` and `score`; `raw` is the network's own label and its three probabilities."""
    values = np.array(raw[1], np.float32)
    probabilities = dict(zip(ABOUT.labels, values.tolist(), strict=True)) if len(values) == 3 else {}
    prediction = Prediction(raw[0], float(values.max()), values, probabilities, Latency(1.0, 3.0, 5.0))
    frame = Frame(np.full((48, 64, 3), 90, np.uint8) if image is None else image, "0", 7, captured)
    return Answer(frame, prediction, label, score, probabilities, 0.015625, dropped)


def until(holds: Callable[[], bool], what: str) -> None:
    """Wait for what another thread is about to do."""
    end = time.monotonic() + _PATIENCE
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.01)
