"""The answer, drawn on its frame."""

from __future__ import annotations

import cv2
import numpy as np

from .classifier import Prediction
from .contract import UNKNOWN
from .preprocess import Pixels

_FONT = cv2.FONT_HERSHEY_SIMPLEX
_WHITE, _GREEN, _GRAY = (255, 255, 255), (80, 200, 60), (160, 160, 160)  # BGR
_REFERENCE = 480  # pixels; text and bars are sized for a frame of this height
_MINIMUM_HEIGHT = 240  # pixels; smaller frames are enlarged, or nobody could read them


def draw_answer(frame: Pixels, prediction: Prediction) -> Pixels:
    """Draw label, score, latency and one bar per class on a copy of a BGR frame.

    Frames lower than 240 pixels are enlarged by a whole factor first.
    """
    factor = -(-_MINIMUM_HEIGHT // frame.shape[0])
    image = np.ascontiguousarray(frame.repeat(factor, axis=0).repeat(factor, axis=1))
    unit = image.shape[0] / _REFERENCE
    known = prediction.label not in (UNKNOWN, None)
    title = f"{prediction.label or 'answer'} {prediction.score:.2f}"
    _shade(image, round(unit * (44 + 26 * len(prediction.probabilities))))
    _text(image, title, (12, 32), unit, _GREEN if known else _GRAY, 0.9)
    _text(image, f"{prediction.latency.total:.1f} ms", (image.shape[1] / unit - 110, 32), unit, _WHITE, 0.6)
    for row, (label, value) in enumerate(prediction.probabilities.items()):
        top = 50 + 26 * row
        _text(image, label, (12, top + 14), unit, _WHITE, 0.5)
        _bar(image, value, top, unit)
    return image


def _shade(image: Pixels, height: int) -> None:
    # Text on any background: the strip under it at half its light.
    image[:height] //= 2


def _text(
    image: Pixels, text: str, at: tuple[float, float], unit: float, color: tuple[int, int, int], size: float
) -> None:
    position = (round(at[0] * unit), round(at[1] * unit))
    cv2.putText(image, text, position, _FONT, size * unit, color, max(1, round(2 * size * unit)), cv2.LINE_AA)


def _bar(image: Pixels, value: float, top: float, unit: float) -> None:
    left, right = round(120 * unit), image.shape[1] - round(12 * unit)
    upper, lower = round(top * unit), round((top + 16) * unit)
    filled = left + round((right - left) * min(max(value, 0.0), 1.0)) if value == value else left
    cv2.rectangle(image, (left, upper), (right, lower), _GRAY, 1)
    cv2.rectangle(image, (left, upper), (filled, lower), _GREEN, cv2.FILLED)
