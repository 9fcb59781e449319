"""A video file, frame by frame."""

from __future__ import annotations

import time
from pathlib import Path

import cv2

from ..errors import InputError
from ..names import utf8
from ..native_noise import muted
from . import Frame, Spare
from .memory import reusable


class VideoSource:
    """Every frame of a video file; OpenCV gives them as BGR."""

    live = False

    def __init__(self, path: Path) -> None:
        self._path = path
        self._index = 0
        with muted():  # the decoders say on several lines what the error below says on one
            self._capture = cv2.VideoCapture(utf8(str(path)))
            # Many a file opens without holding a frame; only a decoded one is believed.
            self._first = self._decode() if self._capture.isOpened() else None
        if self._first is None:
            self._capture.release()
            raise InputError(f"expected a video file that OpenCV can decode, received something else: {path}")

    def read(self, spare: Spare = None) -> Frame | None:
        """Decode the next frame."""
        frame, self._first = self._first or self._decode(spare), None
        return frame

    def close(self) -> None:
        """Close the file."""
        self._capture.release()

    def _decode(self, spare: Spare = None) -> Frame | None:
        ok, image = self._capture.read(reusable(spare))
        if not ok:
            return None
        self._index += 1
        return Frame(image, str(self._path), self._index - 1, time.monotonic())
