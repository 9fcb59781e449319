"""Which wheels go into a bundle, with an index of our own: a folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.utils import parse_wheel_filename

from edgeproof.edge.bundle.targets import read_target
from edgeproof.edge.bundle.wheelhouse import check_tags, fill
from edgeproof.edge.errors import InputError
from wheels import make_wheel

pytestmark = pytest.mark.usefixtures("declared", "offline")


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """Wheels as they are to be had for x86-64, 64-bit and 32-bit Arm."""
    folder = tmp_path / "index"
    for machine in ("x86_64", "aarch64"):
        for python in ("cp310", "cp311", "cp312", "cp313"):
            tag = f"{python}-{python}-manylinux_2_27_{machine}"
            make_wheel(folder, "numpy", "2.4.0", tag)
            needs = ("numpy>=1.23", "old-enum; python_version < '3.11'", "new-enum; python_version >= '3.13'")
            make_wheel(folder, "ai-edge-litert", "2.3.0", tag, *needs)
        make_wheel(folder, "opencv-python-headless", "5.0.0", f"cp37-abi3-manylinux_2_28_{machine}", "numpy>=2")
    arm = "cp311-cp311-linux_armv7l"
    make_wheel(folder, "numpy", "1.26.4", arm)
    make_wheel(folder, "opencv-python-headless", "4.11.0", "cp37-abi3-linux_armv7l", "numpy>=1.21")
    make_wheel(folder, "tflite-runtime", "2.14.0", "cp311-cp311-manylinux_2_34_armv7l", "numpy>=1.25")
    for name in ("pip", "old-enum", "new-enum"):
        make_wheel(folder, name, "26.0", "py3-none-any")
    make_wheel(folder, "new-enum-extra", "1.0", "py3-none-any")
    return folder


def names_and_tags(tmp_path: Path, wheels: Path, target: str, *extras: str) -> dict[str, str]:
    """Give the tags of the wheels by name, less ours."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    filled = fill(folder, read_target(target), extras or ("edge",), [wheels])
    assert filled == sorted(folder.iterdir())
    parts = [parse_wheel_filename(wheel.name) for wheel in filled]
    return {str(name): str(next(iter(tags))) for name, _, _, tags in parts if name != "edgeproof"}


def test_a_pi_gets_its_own_wheels(tmp_path: Path, wheels: Path) -> None:
    assert names_and_tags(tmp_path, wheels, "pi-bookworm-arm64") == {
        "ai-edge-litert": "cp311-cp311-manylinux_2_27_aarch64",
        "numpy": "cp311-cp311-manylinux_2_27_aarch64",
        "opencv-python-headless": "cp37-abi3-manylinux_2_28_aarch64",
        "pip": "py3-none-any",
    }


def test_32_bit_gets_tflite_runtime_and_numpy_1(tmp_path: Path, wheels: Path) -> None:
    assert names_and_tags(tmp_path, wheels, "pi-bookworm-armhf") == {
        "numpy": "cp311-cp311-linux_armv7l",
        "opencv-python-headless": "cp37-abi3-linux_armv7l",
        "pip": "py3-none-any",
        "tflite-runtime": "cp311-cp311-manylinux_2_34_armv7l",
    }


@pytest.mark.parametrize(
    ("target", "needs"),
    [
        ("linux-x86_64-3.10", {"old-enum"}),
        ("linux-aarch64-3.12", set()),
        ("pi-trixie-arm64", {"new-enum"}),
    ],
)
def test_markers_are_those_of_the_device_s_python_and_not_of_ours(
    tmp_path: Path, wheels: Path, target: str, needs: set[str]
) -> None:
    names = set(names_and_tags(tmp_path, wheels, target))
    assert names - {"ai-edge-litert", "numpy", "opencv-python-headless", "pip"} == needs


def test_what_cannot_be_had_is_named(tmp_path: Path, wheels: Path) -> None:
    message = "expected wheels for linux-x86_64-3.14, received from pip: No matching distribution found for .*--wheels"
    with pytest.raises(InputError, match=message):
        names_and_tags(tmp_path, wheels, "linux-x86_64-3.14")


@pytest.mark.parametrize("tag", ["cp311-cp311-manylinux_2_27_x86_64", "cp312-cp312-linux_aarch64", "py2-none-any"])
def test_a_wheel_that_would_not_load_there_is_refused(tmp_path: Path, tag: str) -> None:
    wheel = make_wheel(tmp_path, "numpy", "2.4.0", tag)
    with pytest.raises(InputError, match=r"expected wheels for pi-bookworm-arm64, received numpy-2\.4\.0"):
        check_tags([wheel], read_target("pi-bookworm-arm64"))
