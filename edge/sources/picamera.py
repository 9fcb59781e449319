"""The Raspberry Pi's own camera, through picamera2."""

from __future__ import annotations

import concurrent.futures
import importlib
import os
import time
from contextlib import suppress
from typing import Any

from ..console import Console
from ..errors import InputError
from .camera import SIZE, difference
from .frame import Frame, Spare
from .memory import copied
from .options import SourceOptions

# libcamera names the bytes of a pixel from the last to the first, as the kernel does: its RGB888 is blue, green, red
# in memory, which is OpenCV's order. (Its BGR888 would be red, green, blue.)
_BGR = "RGB888"
_STREAM = "main"
_PATIENCE = 2.5  # seconds for a frame; below what a read may take before it counts as hanging
_PLAUSIBLE = 1.0  # seconds that a frame may be old
_DIGITS = 4  # of a camera's number
_SHOWN = 40  # letters, in a message
_NONE = (TimeoutError, concurrent.futures.TimeoutError)  # one and the same from Python 3.11 on


class PiCameraSource:
    """A camera on the Pi's ribbon connector ("picamera", "picamera:1"), as BGR of 640×480 unless asked otherwise.

    A frame's `captured` is when the sensor began to expose it.
    """

    live = True

    def __init__(self, name: str, console: Console, options: SourceOptions) -> None:
        self._name = name
        self._index = 0
        self._package = _picamera2()
        self._camera = self._opened(_number(name))
        try:
            self._configure(options)
            self._camera.start()
            self._first: Frame | None = self._captured(None)  # only a frame is believed
        except BaseException as error:
            self._camera.close()
            if isinstance(error, RuntimeError):
                raise self._missing(error) from None
            raise
        height, width = self._first.image.shape[:2]
        if said := difference(options, SourceOptions(size=(width, height))):
            console.warn(f"{name}: {said}; rpicam-hello --list-cameras names what it has")

    def read(self, spare: Spare = None) -> Frame | None:
        """Wait for the next frame.

        Raises:
            InputError: the camera gives none any more.
        """
        frame, self._first = self._first, None
        return frame or self._captured(spare)

    def close(self) -> None:
        """Release the camera."""
        with suppress(RuntimeError):  # one that was taken away cannot be stopped, and reading it has said so
            self._camera.stop()
        self._camera.close()

    def _opened(self, number: int) -> Any:
        try:
            return self._package.Picamera2(number)
        except (IndexError, RuntimeError) as error:
            raise self._missing(error) from None

    def _configure(self, options: SourceOptions) -> None:
        controls = {}
        if options.rate is not None:
            duration = round(1e6 / options.rate)  # microseconds
            controls["FrameDurationLimits"] = (duration, duration)
        main = {"size": options.size or SIZE, "format": _BGR}
        self._camera.configure(self._camera.create_video_configuration(main=main, controls=controls))

    def _captured(self, spare: Spare) -> Frame:
        try:
            request = self._camera.capture_request(wait=_PATIENCE)  # older ones take it for a yes, and wait for ever
        except _NONE:
            raise InputError(
                f"expected a frame within {_PATIENCE:g} s, received none from {self._name}; check its ribbon cable"
            ) from None
        try:
            captured = sensor_time(request.get_metadata().get("SensorTimestamp"))
            with self._package.MappedArray(request, _STREAM) as mapped:
                image = copied(mapped.array, spare)  # the camera writes into its own again
        finally:
            request.release()
        self._index += 1
        return Frame(image, self._name, self._index - 1, captured)

    def _missing(self, error: Exception) -> InputError:
        what = "none" if isinstance(error, IndexError) else error  # the package looks it up in a list
        return InputError(
            f"expected a camera, received {what} from {self._name}; check its ribbon cable, and that no other program "
            "holds it: rpicam-hello --list-cameras names those that there are"
        )


def sensor_time(nanoseconds: int | None) -> float:
    """Bring a sensor's timestamp (CLOCK_BOOTTIME, nanoseconds) to seconds of `time.monotonic`.

    That clock stands still while a machine sleeps, and the other does not. Where there is no timestamp, or none that
    is plausible, the frame counts as taken now.
    """
    now = time.monotonic()
    if nanoseconds is None or not hasattr(time, "CLOCK_BOOTTIME"):
        return now
    age = time.clock_gettime(time.CLOCK_BOOTTIME) - nanoseconds / 1e9
    return now - age if 0 <= age < _PLAUSIBLE else now


def _number(name: str) -> int:
    _, colon, number = name.partition(":")
    if colon and not (number.isdecimal() and len(number) <= _DIGITS):
        raise InputError(f"expected picamera or picamera:1 (the number of a camera), received {name[:_SHOWN]!r}")
    return int(number or 0)


def _picamera2() -> Any:
    # libcamera tells a dozen lines about itself, on standard error.
    os.environ.setdefault("LIBCAMERA_LOG_LEVELS", "*:ERROR")
    try:
        return importlib.import_module("picamera2")  # which ships no types
    except ImportError as error:
        raise InputError(
            f"expected the package picamera2, received none in this environment ({error}): "
            "sudo apt install python3-picamera2, and make the environment with python3 -m venv --system-site-packages"
        ) from None
