"""Cameras in a network, on loopback, with faults: MJPEG over HTTP, and RTSP with JPEG in RTP."""

from __future__ import annotations

import itertools
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from faults import GONE, Fault, Switch
from http_camera import framed
from loopback import LoopbackServer
from rtsp_server import RtspServer, packets
from scenes import Picture

_INTERVAL = 1 / 15  # seconds between frames
_LAZY = 1.3
_STEP = 0.02
_SMALL = (96, 128)
_CLOCK = 90_000
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n"


class HungUpError(OSError):
    """The server drops its client, as one that restarts does."""


class _Frames:
    """JPEGs of the scene before the camera, one after another, as the fault has them."""

    def __init__(self, switch: Switch, pictures: list[Picture]) -> None:
        self._switch, self._pictures = switch, pictures
        self._noise = np.random.default_rng()

    def __iter__(self) -> Iterator[bytes]:
        while True:
            time.sleep(_INTERVAL)
            fault, scene, _ = self._switch.read()
            if fault in GONE:
                raise HungUpError
            if fault == Fault.SILENT:
                time.sleep(_STEP)
                continue
            if fault == Fault.SLOW:
                time.sleep(_LAZY)
            yield self._encoded(fault, scene)

    def _encoded(self, fault: Fault, scene: int) -> bytes:
        noise = self._noise.integers(-3, 4, self._pictures[scene].shape, np.int16)
        picture = self._pictures[scene] // (40 if fault == Fault.BLACK else 1)
        image = np.clip(picture.astype(np.int16) + noise, 0, 255).astype(np.uint8)
        if fault == Fault.RESIZED:
            image = cv2.resize(image, _SMALL[::-1])
        data = cv2.imencode(".jpg", image)[1].tobytes()
        return b"\xff\xd8" + b"\x00" * 64 if fault == Fault.DAMAGED else data


class FaultyHttp(LoopbackServer):
    """MJPEG over HTTP."""

    def __init__(self, switch: Path, pictures: list[Picture], patience: float) -> None:
        super().__init__(patience)
        self.switch = Switch(switch)
        self.frames = _Frames(self.switch, pictures)
        self.url = f"http://{self.host}/stream"

    def talk(self, connection: socket.socket) -> None:
        """Answer one client, for as long as both are there."""
        if self.switch.read()[0] in GONE:
            return
        connection.recv(4096)
        connection.sendall(_HEAD)
        for data in self.frames:
            if self.stop.is_set():
                return
            connection.sendall(framed(data))


class FaultyRtsp(RtspServer):
    """RTSP."""

    def __init__(self, switch: Path, pictures: list[Picture], patience: float) -> None:
        super().__init__([], patience=patience)
        self.switch = Switch(switch)
        self.frames = _Frames(self.switch, pictures)
        self.url = f"rtsp://{self.host}/live"

    def talk(self, connection: socket.socket) -> None:
        """Answer one client, for as long as both are there."""
        if self.switch.read()[0] not in GONE:
            super().talk(connection)

    def play(self, connection: socket.socket) -> None:
        """Send frames."""
        numbers = itertools.count()
        for index, data in enumerate(self.frames):
            if self.stop.is_set():
                return
            if len(data) < 100:  # a damaged one: packets of no picture
                continue
            for packet in packets(data, int(index * _INTERVAL * _CLOCK), numbers):
                connection.sendall(packet)
