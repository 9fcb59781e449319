"""The devices that bundles are made for."""

from __future__ import annotations

import platform
import sys

import pytest
from packaging.markers import default_environment
from packaging.tags import sys_tags

from edgeproof.edge.bundle.targets import read_target
from edgeproof.edge.errors import InputError


@pytest.mark.parametrize(
    ("name", "python", "first", "last"),
    [
        ("pi-bookworm-arm64", "3.11", "manylinux_2_36_aarch64", "linux_aarch64"),
        ("pi-trixie-arm64", "3.13", "manylinux_2_41_aarch64", "linux_aarch64"),
        ("pi-bookworm-armhf", "3.11", "manylinux_2_36_armv7l", "linux_armv7l"),
        ("linux-x86_64-3.10", "3.10", "manylinux_2_28_x86_64", "linux_x86_64"),
    ],
)
def test_a_target_takes_the_wheels_of_its_c_library_and_older(name: str, python: str, first: str, last: str) -> None:
    target = read_target(name)
    assert (target.python, target.platforms[0], target.platforms[-1]) == (python, first, last)
    machine = last.partition("_")[2]
    assert {f"manylinux_2_17_{machine}", f"manylinux2014_{machine}"} <= set(target.platforms)


def test_a_32_bit_system_may_have_a_64_bit_kernel() -> None:
    assert read_target("pi-bookworm-armhf").bits == 32
    assert set(read_target("pi-bookworm-armhf").machines) == {"armv7l", "armv8l", "aarch64"}
    assert read_target("pi-bookworm-arm64").machines == ("aarch64",)


@pytest.mark.skipif(
    sys.platform != "linux" or platform.libc_ver()[0] != "glibc", reason="bundles are for a Linux with glibc"
)
def test_here_is_this_interpreter() -> None:
    target = read_target("here")
    # Without a build of Python's own, "+" say, versions need not be equal to be the same to a marker.
    ours = {name: value for name, value in default_environment().items() if name in ("platform_machine", "os_name")}
    assert ours.items() <= target.environment.items()
    assert target.python == f"{sys.version_info.major}.{sys.version_info.minor}"
    assert target.platforms[0] in {tag.platform for tag in sys_tags()}


@pytest.mark.parametrize("name", ["pi", "pi-trixie-armhf", "linux-x86_64-3.9", "linux-riscv64-3.11", ""])
def test_other_devices_are_refused_with_those_there_are(name: str) -> None:
    with pytest.raises(InputError, match=r"expected --for with one of pi-bookworm-arm64, .*, here, received"):
        read_target(name)
