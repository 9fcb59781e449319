"""A video file, frame by frame."""

from __future__ import annotations

import time
from pathlib import Path

import cv2

from ..console import Console
from ..errors import InputError
from ..names import utf8
from ..native_noise import muted
from .damage import Damage
from .decoder import Decoder
from .frame import Frame, Spare

# A file without an index only tells how long it is, and at which rate: its number of frames is an estimate.
_LIKE, _FEW = 0.02, 2
_PLAUSIBLE = 1000.0  # frames a second; some files give the ticks of their clock in the place of a rate


class VideoSource:
    """Every frame of a video file; OpenCV gives them as BGR.

    A damaged frame is left out and counted, and a file that ends before its time is warned of.
    """

    live = False

    def __init__(self, path: Path, console: Console) -> None:
        self._path, self._console = path, console
        self._index = 0
        self._damage = Damage(str(path), console)
        with muted():  # the decoders say on several lines what the error below says on one
            self._capture = cv2.VideoCapture(utf8(str(path)))
            self._decoder = Decoder(self._capture, self._damage)
            # Many a file opens without holding a frame; only a decoded one is believed.
            self._first = self._decode() if self._capture.isOpened() else None
        if self._first is None:
            self._capture.release()
            raise InputError(f"expected a video file that OpenCV can decode, received something else: {path}")

    def read(self, spare: Spare = None) -> Frame | None:
        """Decode the next frame."""
        frame, self._first = self._first or self._decode(spare), None
        if frame is None:
            self._compare_length()
        return frame

    def close(self) -> None:
        """Close the file, and tell what was left out."""
        self._capture.release()
        self._damage.close()

    def _decode(self, spare: Spare = None) -> Frame | None:
        decoded = self._decoder.next(spare)
        if decoded is None:
            return None
        self._index += 1
        return Frame(decoded[0], str(self._path), self._index - 1, time.monotonic())

    def _compare_length(self) -> None:
        if not self._capture.isOpened() or not 0 < self._capture.get(cv2.CAP_PROP_FPS) < _PLAUSIBLE:
            return
        promised = self._capture.get(cv2.CAP_PROP_FRAME_COUNT)
        if promised - self._index - self._damage.count > max(_FEW, _LIKE * promised):
            self._console.warn(
                f"{self._path}: {self._index} of about {promised:.0f} frames could be decoded; it is damaged or cut off"
            )
        self._capture.release()  # so that it is said once
