"""A camera with faults in the place of OpenCV's: `cv2.VideoCapture` as a campaign wants it to behave."""

from __future__ import annotations

import ctypes
import time

import cv2
import numpy as np
from numpy.typing import NDArray

from faults import GONE, Fault, Switch
from scenes import Picture

_INTERVAL = 1 / 15  # seconds between frames
_LAZY = 1.3  # of one that is slow
_PATIENCE = 2.0  # seconds after which OpenCV gives up waiting for a silent camera, as edgeproof asks it to
_STEP = 0.02
_SMALL = (96, 128)


class FaultyCapture:
    """What edgeproof calls of a VideoCapture; `switch` says what goes wrong."""

    def __init__(self, switch: Switch, pictures: list[Picture]) -> None:
        self._switch, self._pictures = switch, pictures
        fault, _, self._epoch = switch.read()
        self._open = fault not in (*GONE, Fault.INTERPRETER)
        self._broken = Fault.NONE
        self._last: Picture = pictures[0]
        self._due = time.monotonic()
        self._noise = np.random.default_rng()

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        """Tell whether the camera was there."""
        return self._open

    def set(self, *_: float) -> bool:
        """Take any wish."""
        return True

    def get(self, number: int) -> float:
        """Give the kernel's time of a frame in milliseconds, and nothing else."""
        return time.monotonic() * 1e3 if number == cv2.CAP_PROP_POS_MSEC else 0.0

    def release(self) -> None:
        """Close it."""
        self._open = False

    def grab(self) -> bool:
        """Wait for the next frame, as the fault has it."""
        self._due = max(self._due + _INTERVAL, time.monotonic())
        time.sleep(max(0.0, self._due - time.monotonic()))
        fault, _, epoch = self._switch.read()
        if fault in GONE or (epoch != self._epoch and not self._broken):
            self._broken = self._broken or (fault if fault in GONE else Fault.NONE)
            self._epoch = epoch
        if self._broken == Fault.UNPLUGGED:
            return False
        if self._broken == Fault.HANGING:
            ctypes.CDLL(None).sleep(3600)  # in native code, where no exception of Python's reaches it
        if self._broken == Fault.CRASHING:
            ctypes.string_at(0)
        if fault == Fault.SILENT:
            return self._wait()
        if fault == Fault.SLOW:
            time.sleep(_LAZY)
        return True

    def retrieve(self, spare: NDArray[np.generic] | None = None) -> tuple[bool, Picture | None]:  # noqa: ARG002 - OpenCV's
        """Decode the frame."""
        fault, scene, _ = self._switch.read()
        if self._broken == Fault.LYING:
            return True, self._last.copy()
        if fault == Fault.DAMAGED:
            return False, None
        shape = self._pictures[scene].shape
        noise = self._noise.integers(-3, 4, shape, np.int16)
        picture = self._pictures[scene] // (40 if fault == Fault.BLACK else 1)
        self._last = np.clip(picture.astype(np.int16) + noise, 0, 255).astype(np.uint8)
        if fault == Fault.RESIZED:
            self._last = cv2.resize(self._last, _SMALL[::-1])  # type: ignore[assignment]  # uint8, as the picture
        return True, self._last.copy()

    def _wait(self) -> bool:
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            if self._switch.read()[0] != Fault.SILENT:
                return True
            time.sleep(_STEP)
        return False
