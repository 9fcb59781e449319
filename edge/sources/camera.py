"""A camera of this machine (V4L2, USB), through OpenCV."""

from __future__ import annotations

import os
import sys
import time

import cv2

from ..console import Console
from ..errors import InputError
from ..names import utf8
from ..native_noise import muted
from .damage import Damage
from .frame import Frame, Spare
from .memory import reusable
from .options import SourceOptions

# Of all of OpenCV's ways to a camera, only this one tells when the kernel took a frame.
_BACKEND = cv2.CAP_V4L2 if sys.platform == "linux" else cv2.CAP_ANY
# Frames that wait in the kernel are old when they come. With one buffer alone, a camera has nowhere to write to while
# its last frame is being decoded, and leaves every other frame out.
_BUFFERS = 2
_ATTEMPTS = 10  # frames; many a camera begins with damaged ones
_BUS = 24e6  # bytes a second that USB 2 carries for a camera
_YUYV_BYTES = 2  # of a pixel, which is what a camera gives uncompressed
SIZE, _RATE = (640, 480), 30.0  # of a camera that was not asked for anything
_LIKE = 0.1  # of a rate: 29.97 is as good as 30
_PLAUSIBLE = 1.0  # seconds that a frame may wait in the kernel
# A camera that sends nothing is waited for by OpenCV for ten seconds, three times. It reads these when it waits first.
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "1")
os.environ.setdefault("OPENCV_VIDEOIO_V4L_READ_ATTEMPTS", "2")


class CameraSource:
    """A camera by index ("0") or device ("/dev/video0", "/dev/v4l/by-id/…"); OpenCV gives its frames as BGR.

    A frame's `captured` is when the kernel received it, where the driver says so.
    """

    live = True

    def __init__(self, name: str, console: Console, options: SourceOptions) -> None:
        self._name = f"/dev/video{name}" if name.isdecimal() else name
        self._index = 0
        self._damage = Damage(self._name, console)
        with muted():  # OpenCV says on several lines what the error below says on one
            self._capture = _opened(name)
            # A camera that another program holds opens all the same; only a decoded frame is believed.
            self._first = self._begin(options) if self._capture.isOpened() else None
        if self._first is None:
            self._capture.release()
            raise InputError(
                f"expected a camera that gives frames, received none from {self._name}; "
                "check the plug, the group video, and that no other program holds it; `edgeproof doctor` lists "
                "cameras, and the one on a Pi's ribbon cable is picamera"
            )
        if said := difference(options, _given(self._capture, self._first.image.shape)):
            console.warn(f"{self._name}: {said}; v4l2-ctl --list-formats-ext names what it has")

    def read(self, spare: Spare = None) -> Frame | None:
        """Wait for the next frame; a damaged one is left out."""
        frame, self._first = self._first, None
        while frame is None:
            if not self._capture.grab():
                raise InputError(f"expected the next frame, received none: {self._name} was unplugged or taken away")
            frame = self._decoded(spare)
            if frame is None:
                self._damage.note()
        self._damage.over()
        return frame

    def close(self) -> None:
        """Release the camera."""
        self._capture.release()
        self._damage.close()

    def _begin(self, options: SourceOptions) -> Frame | None:
        ask(self._capture, options)
        for _ in range(_ATTEMPTS):
            if not self._capture.grab():
                break
            if (frame := self._decoded(None)) is not None:
                return frame
        return None

    def _decoded(self, spare: Spare) -> Frame | None:
        captured = kernel_time(self._capture.get(cv2.CAP_PROP_POS_MSEC), time.monotonic())
        ok, image = self._capture.retrieve(reusable(spare))
        # Some drivers call an empty frame a success.
        if not ok or image is None or not image.size:
            return None
        self._index += 1
        return Frame(image, self._name, self._index - 1, captured)


def ask(capture: cv2.VideoCapture, options: SourceOptions) -> None:
    """Ask a camera for a size, a rate and a pixel format; what it does not know it ignores."""
    capture.set(cv2.CAP_PROP_BUFFERSIZE, _BUFFERS)
    if (wanted := options.pixel_format or compressed(options.size, options.rate)) is not None:
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*wanted))  # first: it decides which sizes there are
    if options.size is not None:
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, options.size[0])
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, options.size[1])
    if options.rate is not None:
        capture.set(cv2.CAP_PROP_FPS, options.rate)


def compressed(size: tuple[int, int] | None, rate: float | None) -> str | None:
    """Choose "MJPG" where USB 2 cannot carry the frames uncompressed; None leaves the choice to the camera.

    640×480 at 30 a second is 18 MB/s as YUYV, which fits and saves the decoding; 1280×720 is 55 MB/s, which a camera
    answers with 10 frames a second.
    """
    width, height = size or SIZE
    return "MJPG" if width * height * _YUYV_BYTES * (rate or _RATE) > _BUS else None


def kernel_time(milliseconds: float, now: float) -> float:
    """Choose when a frame was taken, in seconds of `time.monotonic`.

    The kernel's own time is on the same clock for nearly every driver; what is in the future, or long past, is from
    another one (or none at all), and then the frame counts as taken `now`.
    """
    taken = milliseconds / 1e3
    return taken if 0 <= now - taken < _PLAUSIBLE else now


def difference(options: SourceOptions, given: SourceOptions) -> str | None:
    """Say in what a camera does not do as it was asked; None where it does."""
    parts = []
    if options.size is not None and given.size is not None and options.size != given.size:
        parts.append("{}x{} instead of {}x{}".format(*given.size, *options.size))
    if options.rate and given.rate and abs(given.rate / options.rate - 1) > _LIKE:
        parts.append(f"{given.rate:g} frames a second instead of {options.rate:g}")
    if options.pixel_format is not None and given.pixel_format not in (None, options.pixel_format):
        parts.append(f"{given.pixel_format} instead of {options.pixel_format}")
    return f"the camera gives {', '.join(parts)}" if parts else None


def _opened(name: str) -> cv2.VideoCapture:
    try:
        return cv2.VideoCapture(int(name) if name.isdecimal() else utf8(name), _BACKEND)
    except (cv2.error, ValueError):  # beyond C's int, or beyond the digits that Python parses
        raise InputError(f"expected the index of a camera, received {name}") from None


def _given(capture: cv2.VideoCapture, shape: tuple[int, ...]) -> SourceOptions:
    code = int(capture.get(cv2.CAP_PROP_FOURCC))
    letters = code.to_bytes(4, "little").decode("ascii", "replace") if 0 < code < 2**32 else None
    return SourceOptions(size=(shape[1], shape[0]), rate=capture.get(cv2.CAP_PROP_FPS) or None, pixel_format=letters)
