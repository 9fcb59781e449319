"""Video that comes over a network, through OpenCV's FFmpeg."""

from __future__ import annotations

import os
import time
from typing import Any

import cv2

from ..errors import InputError
from ..native_noise import muted
from . import Frame, Spare
from .address import Address
from .memory import reusable

TIMEOUT = 4.0  # seconds without a frame; below newest.SILENCE, so that the message here is the one that is read
_OPTIONS = "OPENCV_FFMPEG_CAPTURE_OPTIONS"  # the only way to FFmpeg's own options
# Over UDP, what is lost is seen as smears; a buffer in the demuxer is only age; and to measure the frame rate, FFmpeg
# would watch for twenty frames before the first one is given.
_FRESH = "rtsp_transport;tcp|fflags;nobuffer|fpsprobesize;0"
_TIMEOUTS = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, int(TIMEOUT * 1e3), cv2.CAP_PROP_READ_TIMEOUT_MSEC, int(TIMEOUT * 1e3)]
_NO_DELAY = [cv2.CAP_PROP_N_THREADS, 1]  # each thread of the decoder more holds one frame more back
_LOGGING: Any = getattr(cv2.utils, "logging", cv2)  # OpenCV 5 has it there, OpenCV 4 does not
_SILENT = 0
_MOST_UNDECODED = 100  # frames in a row


class StreamSource:
    """A stream (live) or a file by HTTP; OpenCV gives its frames as BGR.

    A frame of a stream counts as captured when it has been received: no clock is shared with the camera.
    """

    def __init__(self, address: Address, *, live: bool) -> None:
        self.live = live
        self._name = address.shown
        self._index = 0
        _LOGGING.setLogLevel(_SILENT)  # OpenCV tells of a timeout on a line of its own, long after it was opened
        with muted():  # FFmpeg says on several lines what the error below says on one
            self._capture = _fresh(address.url) if live else cv2.VideoCapture(address.url, cv2.CAP_FFMPEG, _TIMEOUTS)
            # Many a stream opens without ever giving a frame; only a decoded one is believed.
            self._first = self._decoded(None) if self._capture.isOpened() else None
        if self._first is None:
            self._capture.release()
            raise InputError(
                f"expected video that OpenCV can decode, received none from {self._name} within {TIMEOUT:g} s; "
                "check the address, name and password, and that the camera is on"
            )

    def read(self, spare: Spare = None) -> Frame | None:
        """Wait for the next frame; None at the end of a file.

        Raises:
            InputError: a stream ended, or was silent for too long.
        """
        frame, self._first = self._first or self._decoded(spare), None
        if frame is None and self.live:
            raise InputError(
                f"expected the next frame within {TIMEOUT:g} s, received none from {self._name}: the stream ended or "
                "went silent; check that the camera is on and in the same network"
            )
        return frame

    def close(self) -> None:
        """Hang up."""
        self._capture.release()

    def _decoded(self, spare: Spare) -> Frame | None:
        for _ in range(_MOST_UNDECODED):
            if not self._capture.grab():
                return None
            captured = time.monotonic()
            ok, image = self._capture.retrieve(reusable(spare))
            if ok and image is not None and image.size:
                self._index += 1
                return Frame(image, self._name, self._index - 1, captured)
        return None


def _fresh(url: str) -> cv2.VideoCapture:
    """Open a stream so that nothing of it waits; FFmpeg's options are those of the environment where a person set any.

    Without a buffer the first frames are lost, which would be a pity for a file.
    """
    theirs = os.environ.get(_OPTIONS)
    os.environ[_OPTIONS] = _FRESH if theirs is None else theirs
    try:
        return cv2.VideoCapture(url, cv2.CAP_FFMPEG, [*_TIMEOUTS, *_NO_DELAY])
    finally:
        if theirs is None:
            del os.environ[_OPTIONS]
