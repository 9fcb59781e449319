"""Free space where pictures, clips and logs would go: the working directory."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .finding import Finding, advice, good, problem
from .text import megabytes

_FULL, _TIGHT = 50_000_000, 1_000_000_000  # bytes


@dataclass(frozen=True)
class DiskFacts:
    """Bytes of the file system that `folder` is on."""

    folder: str
    total: int
    free: int


def look(_: Path) -> DiskFacts:
    """Ask the file system."""
    folder = Path.cwd()
    usage = shutil.disk_usage(folder)
    return DiskFacts(str(folder), usage.total, usage.free)


def judge(facts: DiskFacts) -> Iterator[Finding]:
    """Say whether it is enough."""
    found = f"{megabytes(facts.free)} of {megabytes(facts.total)} free at {facts.folder}"
    if facts.free < _FULL:
        yield problem(found, "delete something: files cannot be written")
    elif facts.free < _TIGHT:
        yield advice(found, "make room, or limit what is kept: --disk-budget")
    else:
        yield good(found)
