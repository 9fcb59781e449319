"""Cameras: the devices of V4L2, which of them give pictures, and whether this user may open them."""

from __future__ import annotations

import fcntl
import grp
import os
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .finding import Finding, advice, good, problem
from .text import read_text

_QUERYCAP = 0x80685600  # VIDIOC_QUERYCAP of videodev2.h
_CAPABILITY = struct.Struct("16s32s32s6I")  # struct v4l2_capability
_DEVICE_CAPS = 5  # its place in there: what this node can do, not the whole device
_CAPTURE = 0x00000001 | 0x00001000  # V4L2_CAP_VIDEO_CAPTURE, and the same of several planes
# What a Raspberry Pi's processor offers beside cameras: decoders and the stages of its picture pipeline.
_NO_CAMERAS = ("bcm2835-codec", "bcm2835-isp", "rpivid", "rpi-hevc", "pispbe", "rpi-hvs")
_CONNECTOR = ("unicam", "rp1-cfe")  # the camera connector, which gives raw pictures to libcamera alone
_GROUP = "video"


@dataclass(frozen=True)
class Camera:
    """One device; `gives_pictures` is None where it cannot be asked."""

    device: str
    name: str
    may_open: bool
    gives_pictures: bool | None


@dataclass(frozen=True)
class CameraFacts:
    """All of them, and whether this user is in the group video."""

    devices: tuple[Camera, ...]
    in_group: bool


def look(root: Path) -> CameraFacts:
    """List what is there."""
    names = [path.name for path in (root / "dev").glob("video*") if re.fullmatch(r"video\d+", path.name)]
    return CameraFacts(tuple(_camera(root, name) for name in sorted(names, key=_number)), _in_group())


def _number(name: str) -> int:
    return int(name.removeprefix("video"))


def _camera(root: Path, name: str) -> Camera:
    device = root / "dev" / name
    called = read_text(root / "sys/class/video4linux" / name / "name") or "of unknown name"
    may_open = os.access(device, os.R_OK | os.W_OK)
    return Camera(f"/dev/{name}", called, may_open, _gives_pictures(device) if may_open else None)


def _gives_pictures(device: Path) -> bool | None:
    """Ask the driver; None where it does not answer."""
    buffer = bytearray(_CAPABILITY.size)
    try:
        handle = os.open(device, os.O_RDWR | os.O_NONBLOCK)
        try:
            fcntl.ioctl(handle, _QUERYCAP, buffer)
        finally:
            os.close(handle)
    except OSError:
        return None
    return can_capture(bytes(buffer))


def can_capture(capability: bytes) -> bool:
    """Read from a struct v4l2_capability whether its device gives pictures; a USB camera has one more that does not."""
    return bool(_CAPABILITY.unpack(capability)[_DEVICE_CAPS] & _CAPTURE)


def _in_group() -> bool:
    try:
        return os.geteuid() == 0 or grp.getgrnam(_GROUP).gr_gid in (*os.getgroups(), os.getegid())
    except KeyError:  # no such group here
        return False


def judge(facts: CameraFacts) -> Iterator[Finding]:
    """Say which cameras can be used, and how."""
    known = [camera for camera in facts.devices if not camera.name.startswith(_NO_CAMERAS)]
    connector = [camera for camera in known if camera.name.startswith(_CONNECTOR)]
    cameras = [camera for camera in known if camera not in connector and camera.gives_pictures is not False]
    if connector:
        yield good(f"a camera at the camera connector ({connector[0].name}): edgeproof run MODEL picamera")
    for camera in cameras:
        found = f"camera {camera.device}: {camera.name}"
        if camera.may_open:
            yield good(found)
            continue
        todo = "sudo usermod -aG video $USER, then log in again"
        if facts.in_group:
            todo = f"this user is in the group {_GROUP}, but the device is another's: ls -l {camera.device}"
        yield problem(f"{found}: this user may not open it", todo)
    if not cameras and not connector:
        yield advice("no camera under /dev", "plug one in; pictures, videos and addresses need none")
