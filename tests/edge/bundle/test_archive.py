"""The archive and its installer, with wheels of our own."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from edgeproof.edge.bundle.archive import Contents, write
from edgeproof.edge.bundle.targets import read_target
from wheels import make_wheel

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="bundles are for Linux")


@pytest.fixture
def contents(tmp_path: Path, proven: Path) -> Contents:
    folder = tmp_path / "wheels"
    wheels = [make_wheel(folder, name, "1.0", "py3-none-any") for name in ("edgeproof", "numpy")]
    pip = make_wheel(folder, "pip", "26.0", "py3-none-any")
    pip.write_bytes(b"")
    return Contents(read_target("here"), proven, (*wheels, pip))


def unpacked(contents: Contents, folder: Path) -> Path:
    write(contents, folder / "bundle.tar")
    with tarfile.open(folder / "bundle.tar") as archive:
        archive.extractall(folder)  # noqa: S202 - our own archive
    return folder / contents.folder


def install(bundle: Path, *words: object, **variables: str) -> subprocess.CompletedProcess[str]:
    command = ["sh", str(bundle / "install"), *map(str, words)]
    environment = {"PATH": os.environ["PATH"], "HOME": str(bundle.parent), "PYTHON": sys.executable, **variables}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)  # noqa: S603 - ourselves


def test_the_same_contents_are_the_same_bytes_whenever_they_were_made(tmp_path: Path, contents: Contents) -> None:
    write(contents, tmp_path / "a.tar")
    for path in contents.wheels:
        path.touch()
        path.chmod(0o600)
    write(contents, tmp_path / "b.tar")
    assert (tmp_path / "a.tar").read_bytes() == (tmp_path / "b.tar").read_bytes()


def test_members_belong_to_nobody_and_only_the_installer_is_a_program(tmp_path: Path, contents: Contents) -> None:
    write(contents, tmp_path / "bundle.tar")
    with tarfile.open(tmp_path / "bundle.tar") as archive:
        members = {member.name.partition("/")[2]: member for member in archive.getmembers()}
    assert {(member.uid, member.gid, member.uname) for member in members.values()} == {(0, 0, "")}
    assert {name for name, member in members.items() if member.mode & 0o111} == {"install"}
    wheels = {f"wheels/{path.name}" for path in contents.wheels}
    assert set(members) == {"install", "SHA256SUMS", "rps-int8.tflite", *wheels}


def test_the_hashes_are_those_of_the_files(tmp_path: Path, contents: Contents) -> None:
    bundle = unpacked(contents, tmp_path)
    lines = (bundle / "SHA256SUMS").read_text().splitlines()
    files = {path for path in bundle.rglob("*") if path.is_file() and path.name not in ("install", "SHA256SUMS")}
    assert {bundle / line[66:] for line in lines} == files
    for line in lines:
        assert line[:64] == hashlib.sha256((bundle / line[66:]).read_bytes()).hexdigest()


@pytest.mark.parametrize("name", ["rps-int8.tflite", "wheels/numpy-1.0-py3-none-any.whl"])
def test_a_bundle_that_was_damaged_installs_nothing(tmp_path: Path, contents: Contents, name: str) -> None:
    bundle = unpacked(contents, tmp_path)
    data = bytearray((bundle / name).read_bytes())
    data[len(data) // 2] ^= 1
    (bundle / name).write_bytes(data)
    done = install(bundle, tmp_path / "device")
    assert done.returncode == 2
    assert "error: expected the files that SHA256SUMS lists, received others; copy the bundle again" in done.stderr
    assert list((tmp_path / "device").iterdir()) == []


@pytest.mark.parametrize("name", ["linux-aarch64-3.14", "pi-bookworm-armhf"])
def test_a_bundle_for_another_device_installs_nothing(tmp_path: Path, contents: Contents, name: str) -> None:
    other = Contents(read_target(name), contents.model, contents.wheels)
    done = install(unpacked(other, tmp_path), tmp_path / "device")
    assert done.returncode == 2
    assert f"for {name}, received {sys.version_info[0]}.{sys.version_info[1]} " in done.stderr
    assert list((tmp_path / "device").iterdir()) == []


@pytest.mark.parametrize("words", [["--force"], ["a", "b"]])
def test_mistyped_words_are_refused(tmp_path: Path, contents: Contents, words: list[str]) -> None:
    done = install(unpacked(contents, tmp_path), *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert "usage: sh install [FOLDER]" in done.stderr


def test_an_installation_that_fails_leaves_the_one_before(tmp_path: Path, contents: Contents) -> None:
    bundle = unpacked(contents, tmp_path)
    device = tmp_path / "a device"
    (device / "venv/bin").mkdir(parents=True)
    (device / "venv/bin/edgeproof").write_text("the one before")
    (device / "rps-int8.tflite").write_text("the model before")
    done = install(bundle, device)  # its pip is an empty file
    assert done.returncode == 2, done.stdout
    assert "error: expected wheels that install here, received the error above" in done.stderr
    assert sorted(path.name for path in device.iterdir()) == ["rps-int8.tflite", "venv"]
    assert (device / "venv/bin/edgeproof").read_text() == "the one before"
    assert (device / "rps-int8.tflite").read_text() == "the model before"


def test_a_name_that_a_shell_would_break_is_made_plain(tmp_path: Path, contents: Contents, proven: Path) -> None:
    strange = tmp_path / "-my $(model) 'v2'.tflite"
    strange.write_bytes(proven.read_bytes())
    named = Contents(contents.target, strange, contents.wheels)
    assert (named.name, named.folder) == ("my-model-v2.tflite", "my-model-v2-here")


def test_keys_that_the_device_is_to_ask_for_are_in_it(tmp_path: Path, contents: Contents) -> None:
    keys = [tmp_path / folder / "maker of models.pub" for folder in "ab"]
    for key in keys:
        key.parent.mkdir()
        key.write_text(f"key {key.parent.name}")
    bundle = unpacked(replace(contents, keys=tuple(keys)), tmp_path)
    names = [f"keys/maker-of-models-{number}.pub" for number in (1, 2)]
    assert [(bundle / name).read_text() for name in names] == ["key a", "key b"]
    assert f"keys='{' '.join(names)}'\n" in (bundle / "install").read_text()
    assert all(f"  {name}\n" in (bundle / "SHA256SUMS").read_text() for name in names)
