"""Made-up devices: the parts of /proc, /sys, /dev and /usr that a Raspberry Pi has."""

from __future__ import annotations

from pathlib import Path

import pytest

CPUINFO = """\
processor\t: 0
BogoMIPS\t: 108.00
CPU implementer\t: 0x41
CPU architecture: 8
CPU part\t: 0xd08

Revision\t: c03114
Model\t\t: Raspberry Pi 4 Model B Rev 1.4
"""
MEMINFO = """\
MemTotal:        3884348 kB
MemFree:          901232 kB
MemAvailable:    3276800 kB
SwapTotal:        102396 kB
SwapFree:         102396 kB
"""
CAMERAS = {
    "video0": "HD Webcam: HD Webcam",
    "video10": "bcm2835-codec-decode",
    "video13": "bcm2835-isp-output0",
    "video19": "rpivid",
}


def put(root: Path, place: str, text: str) -> Path:
    """Write a file of a device, and the folders above it."""
    path = root / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.fixture
def pi(tmp_path: Path) -> Path:
    """A Raspberry Pi 4 with a USB camera, cool and well fed."""
    root = tmp_path / "pi"
    put(root, "proc/device-tree/model", "Raspberry Pi 4 Model B Rev 1.4\0")
    put(root, "proc/cpuinfo", CPUINFO)
    put(root, "proc/meminfo", MEMINFO)
    put(root, "sys/class/thermal/thermal_zone0/type", "cpu-thermal\n")
    put(root, "sys/class/thermal/thermal_zone0/temp", "48312\n")
    put(root, "sys/devices/platform/soc/soc:firmware/get_throttled", "0\n")
    put(root, "sys/devices/system/cpu/cpufreq/policy0/scaling_governor", "ondemand\n")
    put(root, "sys/devices/system/cpu/cpufreq/policy0/scaling_driver", "cpufreq-dt\n")
    put(root, "run/systemd/timesync/synchronized", "")
    for device, name in CAMERAS.items():
        put(root, f"dev/{device}", "")
        put(root, f"sys/class/video4linux/{device}/name", f"{name}\n")
    return root
