"""The answer, drawn on its frame."""

from __future__ import annotations

import heapq
import math
from collections.abc import Mapping

import cv2
import numpy as np

from .answer import Answer
from .contract import UNKNOWN
from .preprocess import Pixels

_FONT = cv2.FONT_HERSHEY_SIMPLEX
_WHITE, _GREEN, _GRAY = (255, 255, 255), (80, 200, 60), (160, 160, 160)  # BGR
_REFERENCE = 480  # pixels; text and bars are sized for a frame of this height
_TITLE_HEIGHT, _ROW_HEIGHT = 44, 26  # in the same measure
_MOST_ROWS = 6  # classes; more would hide the frame
_MINIMUM_HEIGHT = 240  # pixels; smaller frames are enlarged, or nobody could read them


def draw_answer(answer: Answer) -> Pixels:
    """Draw label, score, latency and one bar per class on a copy of the answer's BGR frame; of many, the best six.

    Frames lower than 240 pixels are enlarged by a whole factor first.
    """
    frame: Pixels = answer.frame.image  # type: ignore[assignment]  # a picture, or classify had refused it
    factor = -(-_MINIMUM_HEIGHT // frame.shape[0])
    image = np.ascontiguousarray(frame.repeat(factor, axis=0).repeat(factor, axis=1))
    unit = image.shape[0] / _REFERENCE
    rows = _rows(answer.probabilities)
    strip = round(unit * (_TITLE_HEIGHT + _ROW_HEIGHT * len(rows)))
    # At the bottom, where a hand has its arm: fingers, and most faces, are above.
    panel = image[-strip:]
    panel //= 2  # half its light, so that text reads on any background
    known = answer.label not in (UNKNOWN, None)
    title = f"{answer.label or 'answer'} {answer.score:.2f}"
    _text(panel, title, (12, 30), unit, _GREEN if known else _GRAY, 0.9)
    _text(panel, f"{answer.prediction.latency.total:.1f} ms", (image.shape[1] / unit - 110, 30), unit, _WHITE, 0.6)
    for row, (label, value) in enumerate(rows):
        top = _TITLE_HEIGHT + _ROW_HEIGHT * row
        _text(panel, label, (12, top + 14), unit, _WHITE, 0.5)
        _bar(panel, value, top, unit)
    return image


def _rows(probabilities: Mapping[str, float]) -> list[tuple[str, float]]:
    """Choose what is shown: few classes in their own order, where each has its place, and of many the best first."""
    rows = list(probabilities.items())
    if len(rows) <= _MOST_ROWS:
        return rows
    return heapq.nlargest(_MOST_ROWS, rows, key=lambda row: -math.inf if math.isnan(row[1]) else row[1])


def _text(
    image: Pixels, text: str, at: tuple[float, float], unit: float, color: tuple[int, int, int], size: float
) -> None:
    position = (round(at[0] * unit), round(at[1] * unit))
    text = text.encode(errors="replace").decode()  # OpenCV crashes on a label of bytes that are no text
    cv2.putText(image, text, position, _FONT, size * unit, color, max(1, round(2 * size * unit)), cv2.LINE_AA)


def _bar(image: Pixels, value: float, top: float, unit: float) -> None:
    left, right = round(120 * unit), image.shape[1] - round(12 * unit)
    upper, lower = round(top * unit), round((top + 16) * unit)
    filled = left + round((right - left) * min(max(value, 0.0), 1.0)) if value == value else left
    cv2.rectangle(image, (left, upper), (right, lower), _GRAY, 1)
    cv2.rectangle(image, (left, upper), (filled, lower), _GREEN, cv2.FILLED)
