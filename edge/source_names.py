"""What the name of a source tells before anything is opened or loaded: whether it is a camera, or may be a stream."""

from __future__ import annotations

from pathlib import Path

PI_CAMERA = "picamera"
HANDS = "hands:"  # generated ones
_DEVICES = "/dev/"


def is_device(name: str) -> bool:
    """Tell whether a name is that of a camera which OpenCV opens: "0", "/dev/video0"."""
    return name.isdecimal() or name.startswith(_DEVICES)


def is_pi_camera(name: str) -> bool:
    """Tell whether a name is that of the Raspberry Pi's own camera: "picamera", "picamera:1"."""
    return name.partition(":")[0] == PI_CAMERA


def is_camera(name: str) -> bool:
    """Tell whether a name is that of a camera of this machine."""
    return is_device(name) or is_pi_camera(name)


def is_address(name: str) -> bool:
    """Tell whether a name is an address, and not a file that is called like one."""
    return "://" in name and not is_there(name)


def is_there(name: str) -> bool:
    """Tell whether there is a file or folder of that name; one that no file can have is that of none."""
    try:
        return Path(name).exists()
    except (OSError, ValueError):
        return False


def may_be_live(name: str) -> bool:
    """Tell whether a source may go on by itself."""
    return is_camera(name) or is_address(name)
