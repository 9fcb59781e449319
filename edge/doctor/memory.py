"""Memory and swap."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .finding import Finding, advice, good, problem
from .text import megabytes, read_text

_NEEDED = 100_000_000  # bytes that a run of a model of 10 MB takes
_COMFORTABLE = 250_000_000
_SMALL = 1_100_000_000  # bytes of a device that should have swap


@dataclass(frozen=True)
class MemoryFacts:
    """Bytes; `available` is what a new program may have without swapping."""

    total: int
    available: int
    swap_total: int
    swap_free: int


def look(root: Path) -> MemoryFacts | None:
    """Read what the kernel says; None where it says nothing."""
    text = read_text(root / "proc/meminfo") or ""
    fields = {name: int(kilobytes) * 1024 for name, kilobytes in re.findall(r"^(\w+):\s+(\d+) kB$", text, re.MULTILINE)}
    if "MemTotal" not in fields:
        return None
    available = fields.get("MemAvailable", fields.get("MemFree", 0))
    return MemoryFacts(fields["MemTotal"], available, fields.get("SwapTotal", 0), fields.get("SwapFree", 0))


def judge(facts: MemoryFacts | None) -> Iterator[Finding]:
    """Say whether it is enough."""
    if facts is None:
        return
    found = f"{megabytes(facts.available)} of {megabytes(facts.total)} memory available"
    if facts.available < _NEEDED:
        yield problem(found, f"end other programs: a run takes {megabytes(_NEEDED)} and more")
    elif facts.available < _COMFORTABLE:
        yield advice(found, "end other programs, or run without a desktop")
    else:
        yield good(found)
    used = facts.swap_total - facts.swap_free
    if facts.swap_total == 0 and facts.total < _SMALL:
        yield advice("no swap", "let the system have some, so that a peak ends no program: sudo apt install zram-tools")
    elif used > facts.swap_total / 2:
        yield advice(f"{megabytes(used)} of {megabytes(facts.swap_total)} swap used", "end other programs")
    else:
        yield good(f"{megabytes(facts.swap_total)} swap" if facts.swap_total else "no swap, and none needed")
