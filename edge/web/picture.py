"""The picture that is shown: one encode of a frame, whoever watches, and none where nobody does."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import cv2

from ..answer import Answer
from ..preprocess import Pixels
from ..sinks.lines import as_object
from .handover import Handover
from .pace import Pace

_QUALITY = 80  # of the JPEG; at 640×480 about 40 kB
_LARGEST = 1280  # pixels of the longer side; phones and a Pi's radio have no use for more
_MOST_LABELS = 12  # in an answer beside a picture, which is a header; /answer has all


@dataclass(frozen=True)
class Shot:
    """One picture: `number` counts them, `answer` is JSON in ASCII, `made` in seconds of `time.monotonic`."""

    number: int
    jpeg: bytes
    answer: str
    made: float


class Picture:
    """Makes a shot of the next frame once somebody wants one, at most `rate` a second.

    Args:
        rate: shots per second.
        wish: set, by any thread, where somebody wants a shot of a frame that is still to come.
        beside: what else the answer shall say.
        publish: takes each shot, in the thread that made it.
        failed: is told of an error that is a mistake of ours.
    """

    def __init__(
        self,
        rate: float,
        wish: threading.Event,
        beside: Callable[[], Mapping[str, Any]],
        publish: Callable[[Shot], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._pace, self._wish = Pace(1 / rate), wish
        self._beside, self._publish, self._failed = beside, publish, failed
        self.encoded = 0
        self._handover: Handover[Answer] = Handover("picture", self._encode, self._encode_failed)

    def offer(self, answer: Answer, now: float) -> None:
        """Take the frame of an answer, if it is wanted and due."""
        if not self._wish.is_set() or not self._pace.due(now):
            return
        self._wish.clear()  # first, so that no wish of another thread is lost meanwhile
        kept = replace(answer, probabilities=dict(answer.probabilities))
        if self._handover.offer(answer.frame.image, kept):  # type: ignore[arg-type]  # a picture, or we were refused
            self._pace.taken(now)
        else:
            self._wish.set()

    def close(self) -> None:
        """End the thread."""
        self._handover.close()

    def _encode(self, image: Pixels, answer: Answer) -> None:
        jpeg = _jpeg(image)
        self.encoded += 1
        said = described(answer) | {"number": self.encoded, **self._beside()}
        for name in ("raw", "scores"):  # /answer has them
            del said[name]
        said["probabilities"] = _highest(answer.probabilities, said["probabilities"])
        self._publish(Shot(self.encoded, jpeg, json.dumps(said), time.monotonic()))

    def _encode_failed(self, error: Exception) -> None:
        self._wish.set()  # still: those who wait do not ask again
        self._failed(error)


def described(answer: Answer) -> dict[str, Any]:
    """Give an answer as `run --json` does, with the time that its frame was taken, and how old it is by now."""
    age = time.monotonic() - answer.frame.captured
    return as_object(answer) | {"time": round(time.time() - age, 3), "picture_age_ms": round(age * 1e3, 1)}


def _jpeg(image: Pixels) -> bytes:
    """Encode an image, made smaller where a side is too long; a narrow one keeps a pixel of its other side."""
    height, width = image.shape[:2]
    factor = _LARGEST / max(height, width)
    if factor < 1:
        size = max(1, round(factor * width)), max(1, round(factor * height))
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    whole, jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not whole:
        raise ValueError(f"no JPEG of {width}×{height} pixels")
    return jpeg.tobytes()


def _highest(values: Mapping[str, float], said: dict[str, Any]) -> dict[str, Any]:
    """Keep all of a few labels in their own order, and of many the highest."""
    if len(values) <= _MOST_LABELS:
        return said
    return {label: said[label] for label in sorted(values, key=values.__getitem__, reverse=True)[:_MOST_LABELS]}
