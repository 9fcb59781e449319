"""The zip archive that a .keras file is: its members, their sizes and their names."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from edgeproof.edge.errors import InputError
from edgeproof.workstation import keras_archive
from keras_configs import DENSE, a_model, an_object, refusal, write


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_members_that_are_there_twice_are_refused(path: Path) -> None:
    write(path, a_model(an_object("Lambda", name="x")), **{"config.json": json.dumps(a_model(DENSE)).encode()})
    assert "config.json 2 times" in refusal(path)


@pytest.mark.parametrize("members", [["CONFIG.JSON"], ["Model.Weights.h5"], ["assets/a", "assets/A"]])
def test_members_that_differ_in_case_are_refused(path: Path, members: list[str]) -> None:
    assert "2 times" in refusal(write(path, a_model(DENSE), **dict.fromkeys(members, b"")))


@pytest.mark.parametrize(
    "member",
    [
        "../config.json",
        "assets/../../evil.py",
        "/etc/cron.d/x",
        "assets\\..\\x",
        "C:/x",
        "assets/C:x",
        "./config.json",
        "sub/config.json",
        "model.weights.npz",
        "evil.py",
    ],
)
def test_members_that_keras_does_not_write_are_refused(path: Path, member: str) -> None:
    assert "only what Keras writes" in refusal(write(path, a_model(DENSE), **{member: b"x"}))


def test_a_name_that_ends_early_is_refused(path: Path) -> None:
    content = write(path, a_model(DENSE), **{"config.jsonXevil": b"{}"}).read_bytes()
    path.write_bytes(content.replace(b"config.jsonXevil", b"config.json\0evil"))
    refusal(path)


def test_configs_of_any_size_are_not_read(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", b" " * (17 * 1024**2))
    assert path.stat().st_size < 100_000
    assert "at most 16777216 bytes of config.json" in refusal(path)


def test_zip_bombs_are_refused(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", json.dumps(a_model(DENSE)))
        with archive.open("model.weights.h5", "w") as member:
            for _ in range(80):
                member.write(bytes(1024**2))
    assert "uncompressed" in refusal(path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x89HDF\r\n\x1a\n" + bytes(100), bytes(100)])
def test_what_is_no_zip_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert "does not read" in refusal(path)


def test_damaged_members_are_refused(path: Path) -> None:
    content = bytearray(write(path, a_model(DENSE)).read_bytes())
    content[content.index(b"Sequential")] ^= 1
    path.write_bytes(content)
    assert "does not read" in refusal(path)


def test_archives_without_a_config_are_refused(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", "{}")
    assert "expected config.json" in refusal(path)


def test_folders_and_missing_files_are_refused(path: Path) -> None:
    refusal(path)
    path.mkdir()
    (path / "config.json").write_text(json.dumps(a_model(DENSE)))  # Keras loads folders too
    refusal(path)


@pytest.mark.parametrize("name", ["model.h5", "model.KERAS", "model.keras.zip", "keras"])
def test_another_suffix_would_be_loaded_as_something_else(tmp_path: Path, name: str) -> None:
    """A file can be HDF5 from its start and a zip from its end, and Keras goes by the name."""
    assert "expected a .keras file" in refusal(write(tmp_path / name, a_model(DENSE)))


def test_members_are_read_as_they_are(path: Path) -> None:
    write(path, a_model(DENSE))
    assert keras_archive.read_member(path, "metadata.json") == b"{}"
    with pytest.raises(InputError, match=r"expected missing in a .* file, received none"):
        keras_archive.read_member(path, "missing")
