"""Frames of an encoded video, past those that are damaged."""

from __future__ import annotations

import math
import time

import cv2

from .damage import Damage
from .frame import Spare
from .memory import Image, reusable

_MOST_MISSED = 100  # frames in a row


class Decoder:
    """Decodes what OpenCV's FFmpeg reads.

    FFmpeg decodes as it grabs, so that False is a damaged frame, or the end, or silence: the frames behind it and the
    time that it took tell which.

    Args:
        capture: an open one.
        damage: what damaged frames are told to.
        silence: seconds without a frame after which there is no use in waiting for another.
    """

    def __init__(self, capture: cv2.VideoCapture, damage: Damage, silence: float = math.inf) -> None:
        self._capture, self._damage, self._silence = capture, damage, silence

    def next(self, spare: Spare = None) -> tuple[Image, float] | None:
        """Decode the next frame that can be: its image and when it was received; None where there are no more."""
        for missed in range(_MOST_MISSED):
            begun = time.monotonic()
            grabbed = self._capture.grab()
            received = time.monotonic()
            if not grabbed and received - begun >= self._silence:
                return None
            ok, image = self._capture.retrieve(reusable(spare)) if grabbed else (False, None)
            if ok and image is not None and image.size:
                self._count(missed)
                return image, received  # type: ignore[return-value]  # uint8
        return None

    def _count(self, missed: int) -> None:
        for _ in range(missed):
            self._damage.note()
        self._damage.over()
