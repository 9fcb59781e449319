"""What else went on while the clock ran: other programs, the processors' frequency, heat."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..thermal import REASONS, Thermal, read_thermal

_PROC, _SYS = Path("/proc"), Path("/sys")
_BUSY = 0.1  # of the processors, by others: from there on, figures are not to be trusted
_SLOW = 0.9  # of the highest frequency
_IDLE_FIELDS = (3, 4)  # of /proc/stat: idle, and idle while a disk works
_FIELDS = 8  # user, nice, system, idle, iowait, irq, softirq, steal; guests are within user


@dataclass(frozen=True)
class Conditions:
    """A reading of the machine.

    `at` is in seconds of `time.monotonic`; `processors` is how many the machine has; `busy` and `own` are the seconds
    that all of them together have worked since boot, and for this process; `megahertz` is the frequency of each and
    `highest_megahertz` the most that it can. What the system does not say is None or empty.
    """

    at: float
    processors: int
    busy: float | None
    own: float
    load: float | None
    megahertz: tuple[float, ...]
    highest_megahertz: tuple[float, ...]
    thermal: Thermal


def read_conditions(proc: Path = _PROC, sys: Path = _SYS) -> Conditions:
    """Read them now."""
    spent = os.times()
    return Conditions(
        at=time.monotonic(),
        processors=os.cpu_count() or 1,
        busy=_busy(proc),
        own=spent.user + spent.system + spent.children_user + spent.children_system,
        load=_load(proc),
        megahertz=_megahertz(sys, "scaling_cur_freq"),
        highest_megahertz=_megahertz(sys, "cpuinfo_max_freq"),
        thermal=read_thermal(sys),
    )


def busy_share(before: Conditions, after: Conditions) -> float | None:
    """Give the share of the processors' time that other programs took between two readings; None where unknown."""
    elapsed = (after.at - before.at) * before.processors
    if before.busy is None or after.busy is None or elapsed <= 0:
        return None
    return min(1.0, max(0.0, (after.busy - before.busy - after.own + before.own) / elapsed))


def warnings(before: Conditions, after: Conditions) -> tuple[str, ...]:
    """Say what makes the figures taken between two readings mean little."""
    return tuple(_warnings(before, after))


def _warnings(before: Conditions, after: Conditions) -> Iterator[str]:
    share = busy_share(before, after)
    if share is not None and share >= _BUSY:
        yield (
            f"other programs took {share:.0%} of the processors meanwhile; these figures mean little: "
            "stop them and measure again"
        )
    reasons = _slowed(before.thermal, after.thermal)
    if reasons:
        yield (
            f"this machine slowed itself down ({', '.join(reasons)}); these figures mean little: "
            "see to cooling and power supply"
        )
    for now, highest in zip(after.megahertz, after.highest_megahertz, strict=False):
        if now < _SLOW * highest:
            yield f"a processor ran at {now:.0f} of {highest:.0f} MHz at the end; these figures are not its best"
            break


def _slowed(before: Thermal, after: Thermal) -> list[str]:
    """List the reasons that held at either end, or came and went between."""
    return [
        reason
        for reason in REASONS
        if before.now.get(reason)
        or after.now.get(reason)
        or (after.since_boot.get(reason) and not before.since_boot.get(reason))
    ]


def _busy(proc: Path) -> float | None:
    with suppress(OSError, ValueError, IndexError):
        first = (proc / "stat").read_text().splitlines()[0].split()
        ticks = [int(word) for word in first[1 : _FIELDS + 1]]
        return sum(count for i, count in enumerate(ticks) if i not in _IDLE_FIELDS) / os.sysconf("SC_CLK_TCK")
    return None


def _load(proc: Path) -> float | None:
    with suppress(OSError, ValueError, IndexError):
        return float((proc / "loadavg").read_text().split()[0])
    return None


def _megahertz(sys: Path, name: str) -> tuple[float, ...]:
    found = []
    for folder in sorted(sys.glob("devices/system/cpu/cpu[0-9]*/cpufreq")):
        with suppress(OSError, ValueError):
            found.append(int((folder / name).read_text()) / 1000)
    return tuple(found)
