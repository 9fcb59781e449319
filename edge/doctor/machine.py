"""The board, its processor and whether the system on it is of 32 or 64 bits."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .finding import Finding, advice, good, problem
from .text import read_text

_BITS_64 = ("aarch64", "x86_64", "riscv64", "arm64", "AMD64")
_ARM_32 = ("armv6l", "armv7l", "armv8l")
_RASPBERRY = "Raspberry Pi"


@dataclass(frozen=True)
class MachineFacts:
    """`kernel` is what uname says ("aarch64"), `bits` are those of this Python, which are the system's."""

    board: str | None
    processor: str | None
    kernel: str
    bits: int
    processors: int


def look(root: Path) -> MachineFacts:
    """Read them; `root` is where /proc and /sys lie."""
    bits = 64 if sys.maxsize > 2**32 else 32
    return MachineFacts(board(root), processor(root), platform.machine(), bits, os.cpu_count() or 1)


def board(root: Path) -> str | None:
    """Read the name of a board that has a device tree: "Raspberry Pi 4 Model B Rev 1.4"."""
    places = ("proc/device-tree/model", "sys/firmware/devicetree/base/model")
    return next((text for place in places if (text := read_text(root / place))), None)


_CORES = {"0xb76": "ARM1176", "0xc07": "Cortex-A7", "0xd03": "Cortex-A53", "0xd08": "Cortex-A72", "0xd0b": "Cortex-A76"}


def processor(root: Path) -> str | None:
    """Read the name of the processor, or of an Arm core its number."""
    text = read_text(root / "proc/cpuinfo") or ""
    for field in ("model name", "Hardware", "CPU part"):
        if found := re.search(rf"^{field}\s*:\s*(.+)$", text, re.MULTILINE):
            return _CORES.get(found[1].strip(), found[1].strip())
    return None


def is_raspberry(name: str | None) -> bool:
    """Tell whether a board's name is that of a Raspberry Pi."""
    return name is not None and name.startswith(_RASPBERRY)


def judge(facts: MachineFacts) -> Iterator[Finding]:
    """Say what runs here."""
    board = f"{facts.board}, " if facts.board else ""
    found = f"{board}{facts.processors} × {facts.processor or 'unnamed'}, {facts.kernel}, {facts.bits} bits"
    if facts.kernel == "armv6l":
        yield problem(found, "no interpreter is built for ARMv6: take a Raspberry Pi 3, Zero 2 or newer")
    elif facts.bits == 32 and facts.kernel in _BITS_64:
        todo = "install the 64-bit system, or edgeproof[tflite-runtime], which alone is built for 32 bits"
        yield advice(f"{found}: a 64-bit kernel under a 32-bit system", todo)
    elif facts.kernel in _ARM_32:
        yield advice(found, "install edgeproof[tflite-runtime] (Python up to 3.11), which alone is built for 32 bits")
    else:
        yield good(found)
