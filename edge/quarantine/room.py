"""How much memory is left: to the machine, and to the control groups that a service is confined in."""

from __future__ import annotations

import sys
from pathlib import Path

from ..interpreters import processors

_MEMORY = Path("/proc/meminfo")


def free() -> int:
    """Count the bytes that this process may still take before somebody is ended for it."""
    return min([_of_machine(), *(_of_group(group) for group in processors.groups())])


def _of_machine() -> int:
    return _numbers(_MEMORY).get("MemAvailable:", sys.maxsize >> 10) << 10


def _of_group(group: Path) -> int:
    """Count what a group (cgroup v2) has left; pages of files do not count, for they are given up first."""
    try:
        most, taken = int((group / "memory.max").read_text()), int((group / "memory.current").read_text())
    except (OSError, ValueError):
        return sys.maxsize  # no such group, or "max"
    return max(0, most - taken + _numbers(group / "memory.stat").get("file", 0))


def _numbers(file: Path) -> dict[str, int]:
    """Read lines that begin with a name and a number."""
    try:
        lines = [line.split() for line in file.read_text().splitlines()]
        return {words[0]: int(words[1]) for words in lines if len(words) > 1}
    except (OSError, ValueError):
        return {}
