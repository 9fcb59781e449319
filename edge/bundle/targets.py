"""The devices that a bundle can be made for: which Python, processor and C library they have."""

from __future__ import annotations

import platform
import re
import struct
import sys
from dataclasses import dataclass

from ..errors import InputError

HERE = "here"
_OLDEST_GLIBC = 17  # of glibc 2.x, which manylinux2014 stands for; older wheels of ours there are none
_LINUX = re.compile(r"linux-(x86_64|aarch64)-3\.(10|11|12|13|14)")
_LINUX_GLIBC = 28  # of Debian 10 and all that is newer; what numpy's and onnxruntime's wheels ask for


@dataclass(frozen=True)
class Target:
    """A device: its Python ("3.11"), its processor as `platform.machine` says it there, and its glibc's 2.x."""

    name: str
    python: str
    machine: str
    glibc: int

    @property
    def bits(self) -> int:
        """Of a pointer: a 64-bit kernel often runs a 32-bit Raspberry Pi OS."""
        return 32 if self.machine == "armv7l" else 64

    @property
    def machines(self) -> tuple[str, ...]:
        """What `platform.machine` may say there: that of the kernel, which may be 64-bit under a 32-bit system."""
        return ("armv7l", "armv8l", "aarch64") if self.bits == 32 else (self.machine,)

    @property
    def platforms(self) -> list[str]:
        """List the platform tags of wheels that load there, the best first."""
        manylinux = [f"manylinux_2_{minor}_{self.machine}" for minor in range(self.glibc, _OLDEST_GLIBC - 1, -1)]
        return [*manylinux, f"manylinux2014_{self.machine}", f"linux_{self.machine}"]

    @property
    def environment(self) -> dict[str, str]:
        """Give what environment markers are to see, by the names of PEP 508."""
        version = f"{self.python}.0"
        return {
            "implementation_name": "cpython",
            "implementation_version": version,
            "os_name": "posix",
            "platform_machine": self.machine,
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": "Linux",
            "platform_version": "",
            "python_full_version": version,
            "python_version": self.python,
            "sys_platform": "linux",
        }


# Raspberry Pi OS takes Python and glibc from the Debian that it is made of.
_PI = {
    target.name: target
    for target in (
        Target("pi-bookworm-arm64", "3.11", "aarch64", 36),
        Target("pi-trixie-arm64", "3.13", "aarch64", 41),
        Target("pi-bookworm-armhf", "3.11", "armv7l", 36),
    )
}
KNOWN = f"{', '.join(_PI)}, linux-x86_64-3.11 or linux-aarch64-3.11 (3.10 to 3.14), {HERE}"


def read_target(name: str) -> Target:
    """Find a target by its name.

    Raises:
        InputError: there is none such, or this machine is none that a bundle can be made for.
    """
    if name == HERE:
        return _here()
    if name in _PI:
        return _PI[name]
    if match := _LINUX.fullmatch(name):
        return Target(name, f"3.{match[2]}", match[1], _LINUX_GLIBC)
    raise InputError(f"expected --for with one of {KNOWN}, received {name!r}")


def _here() -> Target:
    library, version = platform.libc_ver()
    if sys.platform != "linux" or library != "glibc" or platform.python_implementation() != "CPython":
        raise InputError(
            f"expected CPython on a Linux with glibc for --for {HERE}, received {platform.python_implementation()} on "
            f"{sys.platform} ({library or 'another C library'}); name another target"
        )
    is_32_bit_arm = struct.calcsize("P") == 4 and platform.machine() in ("armv7l", "armv8l", "aarch64")
    machine = "armv7l" if is_32_bit_arm else platform.machine()
    return Target(HERE, f"3.{sys.version_info.minor}", machine, int(version.split(".")[1]))
