"""The extras against a real index: what each device would get, of what is published now."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.version import Version

from edgeproof.edge.bundle.pip import Pip
from edgeproof.edge.bundle.requirements import Package
from edgeproof.edge.bundle.targets import read_target
from edgeproof.edge.bundle.wheelhouse import check_tags, choose

pytestmark = pytest.mark.usefixtures("declared", "index")


def chosen(name: str, *extras: str) -> dict[str, Version]:
    target = read_target(name)
    return {package.name: package.version for package in choose(Pip(target, ()), target, extras)}


@pytest.mark.parametrize("target", ["pi-bookworm-arm64", "pi-trixie-arm64", "linux-x86_64-3.10", "linux-aarch64-3.14"])
def test_every_64_bit_device_gets_litert(target: str) -> None:
    packages = chosen(target, "edge")
    assert packages["ai-edge-litert"] >= Version("2.1")
    assert {"numpy", "opencv-python-headless", "pip"} <= set(packages)
    assert not {"tflite-runtime", "opencv-python", "onnxruntime", "tensorflow"} & set(packages)


def test_a_pi_with_picamera2_of_debian_12_gets_numpy_1_and_the_page() -> None:
    packages = chosen("pi-bookworm-arm64", "picamera", "web", "mqtt", "metrics")
    assert packages["numpy"] < Version("2")
    assert {"ai-edge-litert", "starlette", "uvicorn", "paho-mqtt", "prometheus-client"} <= set(packages)


def test_tflite_runtime_goes_with_numpy_1() -> None:
    assert chosen("pi-bookworm-arm64", "tflite-runtime")["numpy"] < Version("2")


def test_tflite_runtime_is_there_for_32_bit_arm(tmp_path: Path) -> None:
    """Alone: 32-bit wheels of numpy and OpenCV are in another index, which Raspberry Pi OS itself is set up for."""
    target = read_target("pi-bookworm-armhf")
    Pip(target, ()).download([Package("tflite-runtime", Version("2.14.0"))], tmp_path)
    check_tags(tmp_path.iterdir(), target)
    assert [path.name.endswith("armv7l.whl") for path in tmp_path.iterdir()] == [True]
