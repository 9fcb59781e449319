"""How many processors this process may use: what a runtime's threads default to."""

from __future__ import annotations

import math
import os
from pathlib import Path, PurePosixPath

_GROUPS = Path("/sys/fs/cgroup")
_OWN_GROUP = Path("/proc/self/cgroup")


def usable() -> int:
    """Count the processors that this process may use, at least 1.

    A device's service or container is often given a part of the machine: by an affinity, or by a share of time
    (systemd's CPUQuota, `docker run --cpus`). With more threads than that, the system stops all of them for the rest of
    each tenth of a second, and an answer takes many times as long.
    """
    affinity = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min([affinity, *_quotas()]))


def _quotas() -> list[int]:
    """List the processors' worth of time that this process' control groups leave it (cgroup v2)."""
    return [quota for group in groups() if (quota := _quota(group)) is not None]


def _quota(group: Path) -> int | None:
    """Read the limit of one group, rounded up; None where it has none."""
    try:
        quota, period = (group / "cpu.max").read_text().split()
        return math.ceil(int(quota) / int(period))
    except (OSError, ValueError, ZeroDivisionError):
        return None  # no such file, or "max"


def groups() -> list[Path]:
    """List this process' control group and those that it is in, as they are mounted."""
    try:
        lines = _OWN_GROUP.read_text().splitlines()
    except (OSError, ValueError):
        return []
    own = next((line.removeprefix("0::/") for line in lines if line.startswith("0::/")), None)
    if own is None:
        return []
    path = PurePosixPath(own)
    return [_GROUPS / part for part in (path, *path.parents)]
