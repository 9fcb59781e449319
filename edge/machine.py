"""Which machine this is: figures of one mean nothing on another."""

from __future__ import annotations

import platform
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from .interpreters import processors

_PROC = Path("/proc")
_MODEL_NAME = re.compile(r"^(?:model name|Model|Hardware)\s*:\s*(.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Machine:
    """A kind of machine: its model or processor, its architecture, and the processors that a process may use there.

    Two boards of one model are the same machine.
    """

    model: str
    architecture: str
    processors: int

    def __str__(self) -> str:
        return f"{self.model} ({self.architecture}, {self.processors} processor{'s' * (self.processors != 1)})"


def this_machine(proc: Path = _PROC) -> Machine:
    """Describe the machine that this runs on."""
    return Machine(_model(proc), platform.machine(), processors.usable())


def _model(proc: Path) -> str:
    with suppress(OSError):
        # A Raspberry Pi and its like: "Raspberry Pi 4 Model B Rev 1.5", closed by a zero byte.
        name = (proc / "device-tree/model").read_bytes().rstrip(b"\0").decode(errors="replace").strip()
        if name:
            return name
    with suppress(OSError):
        found = _MODEL_NAME.search((proc / "cpuinfo").read_text(errors="replace"))
        if found is not None:
            return found[1].strip()
    return platform.processor() or "unknown"
