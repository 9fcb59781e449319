"""Answers as lines of text: JSON for programs, words for people."""

from __future__ import annotations

import json
import time
from typing import TextIO

from ..classifier import Prediction
from ..sources import Frame


class JsonLines:
    """One JSON object per frame; its fields are a promise to other programs."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, frame: Frame, prediction: Prediction, age: float) -> None:
        """Print one object."""
        answer = {
            "source": frame.source,
            "frame": frame.index,
            "time": round(time.time() - age - prediction.latency.total / 1e3, 3),
            "label": prediction.label,
            "score": _finite(prediction.score),
            "probabilities": {label: _finite(value) for label, value in prediction.probabilities.items()},
            "scores": [_finite(value) for value in prediction.scores.tolist()],
            "latency_ms": {
                "preprocess": round(prediction.latency.preprocess, 3),
                "invoke": round(prediction.latency.invoke, 3),
                "total": round(prediction.latency.total, 3),
            },
            "frame_age_ms": round(age * 1e3, 3),
        }
        # In ASCII, so that it is JSON whatever the stream's encoding is, and for names of files that are no text.
        self._stream.write(json.dumps(answer) + "\n")
        self._stream.flush()

    def close(self) -> None:
        """The stream is the caller's."""


class TextLines:
    """One line of words per frame."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, frame: Frame, prediction: Prediction, age: float) -> None:  # noqa: ARG002 - the interface's
        """Print one line."""
        answer = f"{prediction.label} {prediction.score:.2f}" if prediction.label else f"{prediction.score:g}"
        self._stream.write(f"{frame.source} [{frame.index}]: {answer} ({prediction.latency.total:.1f} ms)\n")
        self._stream.flush()

    def close(self) -> None:
        """The stream is the caller's."""


def _finite(value: float) -> float | None:
    # JSON has no NaN; null is what programs expect in its place.
    return round(value, 6) if value - value == 0 else None
