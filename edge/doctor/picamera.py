"""What the Raspberry Pi's own camera needs: picamera2, and the tool that shows whether the camera works."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .finding import Finding, advice, good
from .machine import board, is_raspberry

_TOOLS = ("rpicam-hello", "libcamera-hello")  # now, and before Bookworm
_DEBIAN = "usr/lib/python3/dist-packages/picamera2"


@dataclass(frozen=True)
class PicameraFacts:
    """`importable` is of this Python; `in_system` tells whether Debian's package is there, perhaps out of its sight."""

    raspberry: bool
    importable: bool
    in_system: bool
    tool: str | None


def look(root: Path) -> PicameraFacts:
    """Look for both."""
    return PicameraFacts(
        raspberry=is_raspberry(board(root)),
        importable=importlib.util.find_spec("picamera2") is not None,
        in_system=(root / _DEBIAN).is_dir(),
        tool=next((name for name in _TOOLS if shutil.which(name)), None),
    )


def judge(facts: PicameraFacts) -> Iterator[Finding]:
    """Say whether `picamera` can be a source; nothing where this is no Raspberry Pi."""
    if facts.importable:
        yield good("picamera2")
    elif facts.in_system:
        todo = "make the environment anew: python3 -m venv --system-site-packages"
        yield advice("picamera2 is installed, but not to be seen from this virtual environment", todo)
    elif facts.raspberry:
        yield advice("no picamera2, which a camera at the connector needs", "sudo apt install python3-picamera2")
    if facts.raspberry and facts.tool is None:
        yield advice("no rpicam-hello, which shows whether a camera is found", "sudo apt install rpicam-apps")
    elif facts.tool is not None:
        yield good(f"{facts.tool} (--list-cameras names what it finds)")
