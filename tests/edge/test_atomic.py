from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from edgeproof.edge import atomic, errors


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_file_is_written(tmp_path: Path) -> None:
    atomic.write_bytes(tmp_path / "a.bin", b"\x00\r\n\xff")
    atomic.write_text(tmp_path / "a.txt", "größer\n")
    assert (tmp_path / "a.bin").read_bytes() == b"\x00\r\n\xff"
    assert (tmp_path / "a.txt").read_bytes() == "größer\n".encode()
    assert names(tmp_path) == ["a.bin", "a.txt"]


def test_folders_are_made(tmp_path: Path) -> None:
    atomic.write_text(tmp_path / "a" / "b" / "c.txt", "x")
    assert (tmp_path / "a" / "b" / "c.txt").read_text() == "x"


def test_old_file_stays_until_the_block_ends(tmp_path: Path) -> None:
    path = tmp_path / "model.tflite"
    path.write_text("old")
    with atomic.replacing(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
        assert temporary.parent == path.parent  # a rename across file systems is no rename
        assert temporary.suffix == ".tflite"  # by which OpenCV chooses a format
    assert path.read_text() == "new"
    assert names(tmp_path) == ["model.tflite"]


@pytest.mark.parametrize("error", [ValueError("x"), KeyboardInterrupt(), SystemExit(1)])
@pytest.mark.parametrize("before", ["old", None])
def test_exception_keeps_what_was_there(tmp_path: Path, error: BaseException, before: str | None) -> None:
    path = tmp_path / "model.tflite"
    if before is not None:
        path.write_text(before)

    def write_half() -> None:
        with atomic.replacing(path) as temporary:
            temporary.write_text("half of the n")
            raise error

    with pytest.raises(type(error)):
        write_half()
    assert names(tmp_path) == ([] if before is None else ["model.tflite"])
    assert before is None or path.read_text() == before


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_failure_while_committing_keeps_what_was_there(
    tmp_path: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "model.tflite"
    path.write_text("old")
    monkeypatch.setattr(os if step == "fsync" else Path, step, fail)
    with pytest.raises(OSError, match="No space left"):
        atomic.write_text(path, "new")
    monkeypatch.undo()
    assert names(tmp_path) == ["model.tflite"]
    assert path.read_text() == "old"


def test_contents_are_synced_before_the_rename_and_the_folder_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    sync, replace = os.fsync, Path.replace

    def note_sync(handle: int) -> None:
        steps.append("sync folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "sync file")
        sync(handle)

    def note_replace(source: Path, target: Path) -> Path:
        steps.append("rename")
        return replace(source, target)

    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(Path, "replace", note_replace)
    atomic.write_text(tmp_path / "a.txt", "x")
    assert steps == ["sync file", "rename", "sync folder"]


def test_a_folder_that_is_made_is_synced_into_the_one_above_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(os.fstat(handle).st_ino))
    atomic.write_text(tmp_path / "a" / "b" / "c.txt", "x")
    folders = [tmp_path / "a" / "b", tmp_path / "a", tmp_path]
    assert synced[:2] == [folder.stat().st_ino for folder in folders[1:]]  # where a and b are written down
    assert synced[-1] == folders[0].stat().st_ino


def old(path: Path) -> Path:
    path.write_text("half of it")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    return path


def test_what_a_killed_process_left_of_a_file_goes_when_it_is_written_again(tmp_path: Path) -> None:
    left = [old(tmp_path / name) for name in (".a.txt.0123abcd.txt", ".a.txt.00000000.txt", ".noend.0123abcd")]
    others = [
        old(tmp_path / name)
        for name in (
            ".b.txt.0123abcd.txt",
            ".a.txt.0123abcd.bin",
            ".a.txt.0123abcg.txt",
            ".a.txt",
            "a.txt.0123abcd.txt",
        )
    ]
    fresh = tmp_path / ".a.txt.89abcdef.txt"  # somebody may be writing it
    fresh.write_text("half of it")
    for name in ("a.txt", "noend"):
        atomic.write_text(tmp_path / name, "whole")
    assert not any(path.exists() for path in left)
    assert all(path.exists() for path in (*others, fresh))


def test_a_file_that_must_be_new_takes_no_other_s_place(tmp_path: Path) -> None:
    path = tmp_path / "a.key"
    atomic.write_new(path, b"first", 0o600)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(errors.InputError, match="received one that is taken"):
        atomic.write_new(path, b"second", 0o600)
    assert path.read_bytes() == b"first"
    assert names(tmp_path) == ["a.key"]


@pytest.mark.usefixtures("umask")
@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664), (0o000, 0o666)])
def test_permissions_follow_the_umask(tmp_path: Path, mask: int, mode: int) -> None:
    os.umask(mask)
    atomic.write_text(tmp_path / "a.txt", "x")
    assert stat.S_IMODE((tmp_path / "a.txt").stat().st_mode) == mode
    assert os.umask(mask) == mask


def test_two_writers_do_not_meet(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with atomic.replacing(path) as first, atomic.replacing(path) as second:
        first.write_text("first")
        second.write_text("second")
    assert path.read_text() == "first"  # whose block ended last
    assert names(tmp_path) == ["a.txt"]


def test_several_files_take_their_places_together(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    atomic.write_all({tmp_path / "a": b"new", tmp_path / "in" / "b": b"other"})
    assert (tmp_path / "a").read_bytes() == b"new"
    assert (tmp_path / "in" / "b").read_bytes() == b"other"
    assert names(tmp_path) == ["a", "in"]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_one_that_fails_leaves_all_as_they_were(
    tmp_path: Path, error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Path.write_bytes

    def fail_at_c(path: Path, data: bytes) -> int:
        if path.name.startswith(".c."):
            raise error
        return write(path, data)

    (tmp_path / "a").write_text("old")
    monkeypatch.setattr(Path, "write_bytes", fail_at_c)
    with pytest.raises(type(error)):
        atomic.write_all({tmp_path / name: b"new" for name in "abcd"})
    assert names(tmp_path) == ["a"]
    assert (tmp_path / "a").read_text() == "old"


def test_a_folder_in_the_place_of_one_file_leaves_all_as_they_were(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    (tmp_path / "b").mkdir()
    with pytest.raises(errors.InputError, match="expected a place for a file, received a folder"):
        atomic.write_all({tmp_path / "a": b"new", tmp_path / "b": b"new", tmp_path / "c": b"new"})
    assert (tmp_path / "a").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_other_threads_never_see_another_umask(tmp_path: Path, umask: None) -> None:  # noqa: ARG001 - it sets one
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            atomic.write_bytes(tmp_path / "a.bin", b"a")

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    try:
        for index in range(300):
            path = tmp_path / f"{index}.txt"
            path.touch()
            assert stat.S_IMODE(path.stat().st_mode) == 0o644
    finally:
        stop.set()
        for writer in writers:
            writer.join()
