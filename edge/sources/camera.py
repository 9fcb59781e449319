"""A camera of this machine, through OpenCV."""

from __future__ import annotations

import time

import cv2

from ..errors import InputError
from ..names import utf8
from ..native_noise import muted
from . import Frame, Spare


class CameraSource:
    """A camera by index ("0") or device ("/dev/video0"); OpenCV gives its frames as BGR."""

    live = True

    def __init__(self, name: str) -> None:
        self._name = f"/dev/video{name}" if name.isdecimal() else name
        try:
            with muted():  # OpenCV says on several lines what the error below says on one
                self._capture = cv2.VideoCapture(int(name) if name.isdecimal() else utf8(name))
        except (cv2.error, ValueError):  # beyond C's int, or beyond the digits that Python parses
            raise InputError(f"expected the index of a camera, received {name}") from None
        self._index = 0
        # A camera that another program holds opens all the same; only a decoded frame is believed.
        if not (self._capture.isOpened() and self._capture.read()[0]):
            self._capture.release()
            raise InputError(
                f"expected a camera that gives frames, received none from {self._name}; "
                "check the plug, the group video, and that no other program holds it"
            )

    def read(self, spare: Spare = None) -> Frame | None:
        """Wait for the next frame."""
        ok, image = self._capture.read(spare)  # type: ignore[arg-type]  # an image of its own
        if not ok:
            raise InputError(f"expected the next frame, received none: {self._name} was unplugged or taken away")
        self._index += 1
        return Frame(image, self._name, self._index - 1, time.monotonic())

    def close(self) -> None:
        """Release the camera."""
        self._capture.release()
