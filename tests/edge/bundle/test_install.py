"""A bundle for this machine, from a real index, installed and run without a network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="bundles are for Linux")

MOST_INSTALLED = 300 * 2**20  # bytes on the disk of a device; an arm64 one has two thirds of an x86-64 one


@pytest.fixture(scope="module")
def folder(index: None, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: ARG001 - or there is no bundle
    """A folder for a bundle and its device."""
    return tmp_path_factory.mktemp("bundle")


def without_network(*words: object) -> list[str]:
    """Give a command that reaches nothing."""
    try_it = ["unshare", "--net", "true"]
    can = subprocess.run(try_it, capture_output=True, check=False).returncode == 0  # noqa: S603 - util-linux
    return [*(["unshare", "--net"] if can else []), *map(str, words)]


def environment(home: Path) -> dict[str, str]:
    nowhere = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), "http://127.0.0.1:9")
    return {"PATH": os.environ["PATH"], "HOME": str(home / "home"), "PYTHON": sys.executable, **nowhere}


def ran(command: list[str], home: Path) -> str:
    done = subprocess.run(  # noqa: S603 - ourselves
        command, capture_output=True, text=True, check=False, env=environment(home), cwd=home
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def device(folder: Path, models: Path) -> Path:
    """The folder that a bundle was installed into."""
    bundle = [sys.executable, "-m", "edgeproof.edge", "bundle", str(models / "rps-int8.tflite"), "--for", "here"]
    archive = folder / "bundle.tar"
    done = subprocess.run(  # noqa: S603 - ourselves
        [*bundle, "--out", str(archive)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert ran(["sha256sum", str(archive)], folder) == done.stdout
    ran(["tar", "xf", str(archive)], folder)
    said = ran(without_network("sh", folder / "rps-int8-here/install", folder / "device"), folder)
    assert "parity       pass" in said
    assert f"{folder}/device/venv/bin/edgeproof run {folder}/device/rps-int8.tflite 0\n" in said
    return folder / "device"


def test_the_device_answers(device: Path) -> None:
    command = without_network(device / "venv/bin/edgeproof", "run", device / "rps-int8.tflite", "hands:5", "--json")
    answers = [json.loads(line) for line in ran(command, device).splitlines()]
    assert [answer["frame"] for answer in answers] == [0, 1, 2, 3, 4]
    assert {answer["label"] for answer in answers} <= {"paper", "rock", "scissors", "unknown"}


def test_the_device_has_the_device_s_half_alone(device: Path) -> None:
    command = [str(device / "venv/bin/edgeproof"), "train", "rps", "--out", "run"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment(device))  # noqa: S603
    assert done.returncode == 2
    assert done.stderr == (
        "error: expected the workstation's half of edgeproof, received the device's; pip install 'edgeproof[train]'\n"
    )


def test_everything_is_small(device: Path) -> None:
    """The goal that is set for a device, with the interpreter, OpenCV, numpy and the compiled modules of all."""
    files = [path.lstat() for path in device.rglob("*")]
    assert sum(file.st_blocks * 512 for file in files) <= MOST_INSTALLED


def test_a_second_installation_takes_the_place_of_the_first(device: Path) -> None:
    stray = device / "venv/stray"
    stray.write_text("of the first")
    ran(without_network("sh", device.parent / "rps-int8-here/install", device), device.parent)
    assert not stray.exists()
    assert {path.name for path in device.iterdir()} - {"home"} == {"rps-int8.tflite", "venv"}
