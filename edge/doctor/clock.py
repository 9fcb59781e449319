"""The clock, which a Raspberry Pi without a battery gets from the network."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .finding import Finding, advice, good, problem

_PATIENCE = 3.0  # seconds for timedatectl
_ANSWERS = {"yes": True, "no": False}


@dataclass(frozen=True)
class ClockFacts:
    """Seconds since 1970, now and when edgeproof was installed; `synchronized` is None where nothing tells."""

    now: float
    installed: float
    synchronized: bool | None


def look(root: Path) -> ClockFacts:
    """Ask systemd."""
    stamp = root / "run/systemd/timesync/synchronized"
    return ClockFacts(time.time(), Path(__file__).stat().st_mtime, True if stamp.exists() else _asked())


def _asked() -> bool | None:
    tool = shutil.which("timedatectl")
    if tool is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603 - systemd's own, by the path that was found
            [tool, "show", "--property=NTPSynchronized", "--value"],
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return _ANSWERS.get(done.stdout.strip())


def judge(facts: ClockFacts) -> Iterator[Finding]:
    """Say whether times in logs can be believed."""
    found = f"clock {time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime(facts.now))} UTC"
    todo = "sudo timedatectl set-ntp true, and give it a network, or a battery for its clock"
    if facts.now < facts.installed:
        yield problem(f"{found}, before edgeproof was installed", todo)
    elif facts.synchronized is False:
        yield advice(f"{found}, not synchronized: times in logs may be wrong", todo)
    elif facts.synchronized:
        yield good(f"{found}, synchronized")
    else:
        yield good(f"{found}; nothing here tells whether it is synchronized")
