from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from edgeproof.edge.updates.folder import Folder


def put(path: Path, data: bytes, at: int = 1_000_000_000) -> Path:
    path.write_bytes(data)
    os.utime(path, (at, at))
    return path


def names(folder: Folder) -> list[str]:
    return [found.path.name for found in folder.look()]


def test_file_is_given_once_when_it_was_the_same_at_two_looks(tmp_path: Path) -> None:
    path = put(tmp_path / "a.tflite", b"model")
    folder = Folder(tmp_path)
    assert folder.look() == []
    (found,) = folder.look()
    assert (found.path, found.sha256) == (path, hashlib.sha256(b"model").hexdigest())
    assert folder.look() == []


def test_file_that_grows_is_not_given_before_it_has_settled(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    for size in range(1, 5):
        put(tmp_path / "a.onnx", b"x" * size)
        assert folder.look() == []
    assert names(folder) == ["a.onnx"]


def test_file_that_changes_is_given_again(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    put(tmp_path / "a.tflite", b"one")
    assert (names(folder), names(folder)) == ([], ["a.tflite"])
    put(tmp_path / "a.tflite", b"two", at=1_000_000_001)
    assert (names(folder), names(folder), names(folder)) == ([], ["a.tflite"], [])


def test_file_that_was_taken_away_and_put_back_is_given_again(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    path = put(tmp_path / "a.tflite", b"one")
    assert (names(folder), names(folder)) == ([], ["a.tflite"])
    path.unlink()
    assert names(folder) == []
    put(path, b"one")
    assert (names(folder), names(folder)) == ([], ["a.tflite"])


def test_file_that_is_forgotten_is_given_again(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    put(tmp_path / "a.tflite", b"one")
    folder.look()
    (found,) = folder.look()
    folder.forget(found)
    assert folder.look() == [found]


def test_newest_file_is_given_first(tmp_path: Path) -> None:
    for name, at in (("b", 20), ("a", 30), ("c", 10)):
        put(tmp_path / f"{name}.tflite", name.encode(), 1_000_000_000 + at)
    folder = Folder(tmp_path)
    folder.look()
    assert names(folder) == ["a.tflite", "b.tflite", "c.tflite"]


def test_hidden_empty_and_other_files_are_left_out(tmp_path: Path) -> None:
    for name in (".a.tflite", "a.keras", "tflite", "a.tflite.part"):
        put(tmp_path / name, b"x")
    put(tmp_path / "empty.tflite", b"")
    (tmp_path / "folder.tflite").mkdir()
    (tmp_path / "nowhere.tflite").symlink_to(tmp_path / "none")
    os.mkfifo(tmp_path / "pipe.tflite")
    folder = Folder(tmp_path)
    assert (names(folder), names(folder)) == ([], [])


def test_name_that_is_no_text_is_given(tmp_path: Path) -> None:
    put(Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.TFLITE")), b"x")
    folder = Folder(tmp_path)
    folder.look()
    assert len(folder.look()) == 1


def test_folder_that_is_gone_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Folder(tmp_path / "stick").look()


def test_look_that_is_over_reads_nothing(tmp_path: Path) -> None:
    put(tmp_path / "a.tflite", b"one")
    folder = Folder(tmp_path)
    folder.look()
    assert folder.look(lambda: True) == []
    assert names(folder) == ["a.tflite"]
