"""How much memory this process holds."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

_STATUS = Path("/proc/self/status")


def resident_mb(status: Path = _STATUS) -> float | None:
    """Give the resident memory, in millions of bytes; None where the system does not say."""
    with suppress(OSError):
        found = re.search(r"^VmRSS:\s*([0-9]+) kB$", status.read_text(), re.MULTILINE)
        if found is not None:
            return int(found[1]) * 1024 / 1e6
    return None
