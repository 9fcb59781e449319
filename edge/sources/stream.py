"""Video that comes over a network, through OpenCV's FFmpeg."""

from __future__ import annotations

import os
from typing import Any

import cv2

from ..console import Console
from ..errors import InputError
from ..native_noise import muted
from .address import Address
from .damage import Damage
from .decoder import Decoder
from .frame import Frame, Spare

TIMEOUT = 2.5  # seconds without a frame; below what a read may take before it counts as hanging
_OPTIONS = "OPENCV_FFMPEG_CAPTURE_OPTIONS"  # the only way to FFmpeg's own options
# Over UDP, what is lost is seen as smears; a buffer in the demuxer is only age; and to measure the frame rate, FFmpeg
# would watch for twenty frames before the first one is given.
_FRESH = "rtsp_transport;tcp|fflags;nobuffer|fpsprobesize;0"
_TIMEOUTS = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, int(TIMEOUT * 1e3), cv2.CAP_PROP_READ_TIMEOUT_MSEC, int(TIMEOUT * 1e3)]
_NO_DELAY = [cv2.CAP_PROP_N_THREADS, 1]  # each thread of the decoder more holds one frame more back
_LOGGING: Any = getattr(cv2.utils, "logging", cv2)  # OpenCV 5 has it there, OpenCV 4 does not
_SILENT = 0


class StreamSource:
    """A stream (live) or a file by HTTP; OpenCV gives its frames as BGR.

    A frame of a stream counts as captured when it has been received: no clock is shared with the camera. A damaged one
    is left out.
    """

    def __init__(self, address: Address, console: Console, *, live: bool) -> None:
        self.live = live
        self._name = address.shown
        self._index = 0
        self._damage = Damage(self._name, console)
        _LOGGING.setLogLevel(_SILENT)  # OpenCV tells of a timeout on a line of its own, long after it was opened
        with muted():  # FFmpeg says on several lines what the error below says on one
            self._capture = _fresh(address.url) if live else cv2.VideoCapture(address.url, cv2.CAP_FFMPEG, _TIMEOUTS)
            self._decoder = Decoder(self._capture, self._damage, TIMEOUT / 2)
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
        """Hang up, and tell what was left out."""
        self._capture.release()
        self._damage.close()

    def _decoded(self, spare: Spare) -> Frame | None:
        decoded = self._decoder.next(spare)
        if decoded is None:
            return None
        self._index += 1
        return Frame(decoded[0], self._name, self._index - 1, decoded[1])


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
