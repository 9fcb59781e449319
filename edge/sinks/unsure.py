"""Pictures of what the model is unsure about: the ones that are worth a person's label."""

from __future__ import annotations

import heapq
import math

import cv2
import numpy as np
from numpy.typing import NDArray

from ..answer import Answer
from ..contract import UNKNOWN
from ..preprocess import Pixels
from .pictures import PictureFolder

_INTERVAL = 1.0  # seconds between two pictures
_THUMBNAIL = (16, 16)  # pixels
_COARSE = 64  # pixels of a side that a thumbnail is averaged of, at least
_SAME = 2.0  # gray values, of 255; two looks at a still scene are nearer to each other


class UnsureSink:
    """Keeps frames in a folder of the label that the network likes best, one a second at most.

    Kept are frames whose two best probabilities are less than `margin` apart, that are unknown, or that smoothing shows
    as something else than the network said. One that looks like the last one kept is left out.
    """

    def __init__(self, margin: float, folder: PictureFolder) -> None:
        self._margin, self._folder = margin, folder
        self._at = -math.inf  # when the last kept frame was taken
        self._seen: NDArray[np.int16] | None = None

    def write(self, answer: Answer) -> None:
        """Keep the frame, if the model is unsure about it."""
        if answer.frame.captured - self._at < _INTERVAL or not is_unsure(answer, self._margin):
            return
        seen = thumbnail(answer.frame.image)  # type: ignore[arg-type]  # a picture, or the flags had refused it
        if self._seen is not None and float(np.abs(seen - self._seen).mean()) < _SAME:
            return
        self._at, self._seen = answer.frame.captured, seen
        probabilities = answer.prediction.probabilities
        self._folder.put(
            answer, max(probabilities, key=probabilities.__getitem__), answer.prediction.score, foldered=True
        )

    def close(self) -> None:
        """The folder is the caller's."""


def is_unsure(answer: Answer, margin: float) -> bool:
    """Tell whether a label by hand would say more than the network did."""
    prediction = answer.prediction
    if UNKNOWN in (prediction.label, answer.label) or answer.label != prediction.label:
        return True
    best, second = heapq.nlargest(2, prediction.probabilities.values())
    return best - second < margin


def thumbnail(image: Pixels) -> NDArray[np.int16]:
    """Average a frame of shape (height, width, 3) into a few blocks, in microseconds: int16 of shape (16, 16, 3)."""
    step = max(1, min(image.shape[:2]) // _COARSE)
    return cv2.resize(image[::step, ::step], _THUMBNAIL, interpolation=cv2.INTER_AREA).astype(np.int16)
