"""How hot this machine is, and whether a Raspberry Pi slows itself down."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_SYS = Path("/sys")
_PATIENCE = 1.0  # seconds for vcgencmd
# What the bits of get_throttled mean, by the documentation of Raspberry Pi; 16 bits further up, the same since boot.
REASONS = ("under_voltage", "frequency_capped", "throttled", "soft_temperature_limit")
_SINCE_BOOT = 16


@dataclass(frozen=True)
class Thermal:
    """A reading: °C by thermal zone, and for each of `REASONS` whether it holds now and whether it did since boot.

    `now` and `since_boot` are empty where the machine is no Raspberry Pi.
    """

    celsius: Mapping[str, float]
    now: Mapping[str, bool]
    since_boot: Mapping[str, bool]


def read_thermal(sys: Path = _SYS) -> Thermal:
    """Read what the kernel and the firmware say; what this machine has not is left out."""
    bits = _throttled(sys)
    if bits is None:
        return Thermal(_zones(sys), {}, {})
    now = {reason: bool(bits >> bit & 1) for bit, reason in enumerate(REASONS)}
    since = {reason: bool(bits >> (_SINCE_BOOT + bit) & 1) for bit, reason in enumerate(REASONS)}
    return Thermal(_zones(sys), now, since)


def _zones(sys: Path) -> dict[str, float]:
    zones: dict[str, float] = {}
    for folder in sorted((sys / "class/thermal").glob("thermal_zone*")):
        # A zone may come, go, or refuse to be read while its sensor sleeps.
        with suppress(OSError, ValueError):
            name = (folder / "type").read_text().strip()
            celsius = int((folder / "temp").read_text()) / 1000
            zones[name if name not in zones else f"{name}-{folder.name.removeprefix('thermal_zone')}"] = celsius
    return zones


def _throttled(sys: Path) -> int | None:
    # The file is that of Raspberry Pi's kernel; the tool asks the firmware, where there is no such file.
    with suppress(OSError, ValueError):
        return int((sys / "devices/platform/soc/soc:firmware/get_throttled").read_text(), 16)
    tool = shutil.which("vcgencmd")
    if tool is not None:
        with suppress(OSError, ValueError, subprocess.SubprocessError):
            command = [tool, "get_throttled"]
            done = subprocess.run(  # noqa: S603 - Raspberry Pi's own, by the path that was found
                command, capture_output=True, text=True, timeout=_PATIENCE, check=True
            )
            return int(done.stdout.strip().removeprefix("throttled="), 16)
    return None
