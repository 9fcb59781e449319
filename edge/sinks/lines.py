"""Answers as lines of text: JSON for programs, words for people."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any, TextIO

from ..answer import Answer
from ..folders import printable


def json_line(answer: Answer) -> str:
    """Word one answer as a JSON object on a line; its fields are a promise to other programs.

    `raw` is what the network said of this frame alone, where `label`, `score` and `probabilities` may be smoothed;
    `scores` are the network's outputs, dequantized. `time` is when the frame was taken, in seconds since 1970. The line
    is ASCII, so that it is JSON whatever a stream's encoding is, and for names of files that are no text.
    """
    return json.dumps(as_object(answer)) + "\n"


def as_object(answer: Answer) -> dict[str, Any]:
    """Give the object of `json_line`; `model` is in it where that may change during the run."""
    frame, prediction = answer.frame, answer.prediction
    latency, origin = prediction.latency, prediction.origin
    said = {
        "source": frame.source,
        "frame": frame.index,
        "time": round(time.time() - (time.monotonic() - frame.captured), 3),
        "label": answer.label,
        "score": _finite(answer.score),
        "probabilities": _all_finite(answer.probabilities),
        "raw": {
            "label": prediction.label,
            "score": _finite(prediction.score),
            "probabilities": _all_finite(prediction.probabilities),
        },
        "scores": [_finite(value) for value in prediction.scores.tolist()],
        "latency_ms": {
            "preprocess": round(latency.preprocess, 3),
            "invoke": round(latency.invoke, 3),
            "total": round(latency.total, 3),
        },
        "frame_age_ms": round(answer.age * 1e3, 3),
        "dropped": answer.dropped,
    }
    if origin is not None:
        said["model"] = {"file": origin.file, "sha256": origin.sha256}
    return said


class JsonLines:
    """One JSON object per frame."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, answer: Answer) -> None:
        """Print one object."""
        self._stream.write(json_line(answer))
        self._stream.flush()

    def close(self) -> None:
        """The stream is the caller's."""


class TextLines:
    """One line of words per frame."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, answer: Answer) -> None:
        """Print one line."""
        words = f"{on_one_line(answer.label)} {answer.score:.2f}" if answer.label else f"{answer.score:g}"
        latency = answer.prediction.latency.total
        source = on_one_line(answer.frame.source)
        self._stream.write(f"{source} [{answer.frame.index}]: {words} ({latency:.1f} ms)\n")
        self._stream.flush()

    def close(self) -> None:
        """The stream is the caller's."""


def on_one_line(name: str) -> str:
    """Escape what the name of a file may hold and a terminal would act upon: ends of lines, and its own commands."""
    if name.isprintable():
        return name
    return "".join(each if printable(each) else each.encode("unicode_escape").decode() for each in name)


def _all_finite(values: Mapping[str, float]) -> dict[str, float | None]:
    return {label: _finite(value) for label, value in values.items()}


def _finite(value: float) -> float | None:
    # JSON has no NaN; null is what programs expect in its place.
    return round(value, 6) if value - value == 0 else None
