from __future__ import annotations

import errno
import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from edgeproof.edge.collection import Collection, check_folder_name
from edgeproof.edge.errors import InputError
from edgeproof.edge.folders import class_folders
from edgeproof.edge.preprocess import Pixels, read_image


def test_pictures_land_in_class_folders_ready_for_training(tmp_path: Path, chart: Pixels) -> None:
    collection = Collection(tmp_path / "new" / "data")
    for label in ("rock", "left hand", "rock"):
        collection.add(label, chart)
    folders = class_folders(tmp_path / "new" / "data")
    assert {label: len(paths) for label, paths in folders.items()} == {"left hand": 1, "rock": 2}
    assert collection.counts == {"rock": 2, "left hand": 1}
    picture = read_image(folders["rock"][0])
    assert picture.shape == chart.shape
    assert np.abs(picture.astype(int) - chart).mean() < 6  # JPEG, and red is still on the left


def test_quality_is_95(tmp_path: Path, chart: Pixels) -> None:
    path = Collection(tmp_path).add("rock", chart)
    assert path.read_bytes() == cv2.imencode(".jpg", chart, [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()


def test_no_name_is_taken_twice(tmp_path: Path, chart: Pixels, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where the clock stands still and chance repeats itself."""
    monkeypatch.setattr("edgeproof.edge.collection.time.time_ns", lambda: 10**18)
    tokens = iter(["aaaa", "aaaa", "aaaa", "bbbb"])
    monkeypatch.setattr("edgeproof.edge.collection.secrets.token_hex", lambda _: next(tokens))
    collection = Collection(tmp_path)
    names = [collection.add("rock", chart).name for _ in range(2)]
    assert names == ["20010909-014640-000-aaaa.jpg", "20010909-014640-000-bbbb.jpg"]


def test_counts_go_on_from_earlier_sessions(tmp_path: Path, chart: Pixels) -> None:
    Collection(tmp_path).add("rock", chart)
    again = Collection(tmp_path)
    assert again.counts == {"rock": 1}
    again.add("rock", chart)
    assert again.counts == {"rock": 2}


def test_undo_takes_back_this_session_alone(tmp_path: Path, chart: Pixels) -> None:
    earlier = Collection(tmp_path).add("rock", chart)
    collection = Collection(tmp_path)
    first, second = collection.add("rock", chart), collection.add("paper", chart)
    assert [collection.undo(), collection.undo(), collection.undo()] == ["paper", "rock", None]
    assert (earlier.exists(), first.exists(), second.exists()) == (True, False, False)
    assert collection.counts == {"rock": 1, "paper": 0}


def test_undo_does_not_mind_who_was_there_before(tmp_path: Path, chart: Pixels) -> None:
    collection = Collection(tmp_path)
    collection.add("rock", chart).unlink()
    assert collection.undo() == "rock"


def test_picture_that_cannot_be_deleted_still_counts(
    tmp_path: Path, chart: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deny(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    collection = Collection(tmp_path)
    path = collection.add("rock", chart)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", deny)
        with pytest.raises(InputError, match="expected a picture that can be deleted, received Permission denied"):
            collection.undo()
    assert (collection.counts, path.exists()) == ({"rock": 1}, True)
    assert collection.undo() == "rock"
    assert (collection.counts, path.exists()) == ({"rock": 0}, False)


def test_hidden_folders_are_no_labels(tmp_path: Path, chart: Pixels) -> None:
    path = Collection(tmp_path).add("rock", chart)
    (tmp_path / ".trash").mkdir()
    (tmp_path / ".trash" / "a.jpg").write_bytes(path.read_bytes())
    assert Collection(tmp_path).counts == {"rock": 1}


def test_picture_that_is_no_jpeg_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    collection = Collection(tmp_path)
    with pytest.raises(InputError, match="expected a picture that a JPEG can hold, received 70000×1 pixels"):
        collection.add("rock", np.zeros((1, 70_000, 3), np.uint8))
    assert list(tmp_path.iterdir()) == []


def test_folder_that_cannot_be_looked_into_is_said(
    tmp_path: Path, chart: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deny(_: Path) -> bool:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    collection = Collection(tmp_path)
    monkeypatch.setattr(Path, "exists", deny)
    with pytest.raises(InputError, match="expected room for a picture, received Permission denied"):
        collection.add("rock", chart)


def test_budget_counts_what_is_there_and_what_was_taken_back(tmp_path: Path, chart: Pixels) -> None:
    size = Collection(tmp_path).add("rock", chart).stat().st_size
    collection = Collection(tmp_path, budget=2 * size)
    collection.add("rock", chart)
    with pytest.raises(InputError, match="at most, received more"):
        collection.add("rock", chart)
    collection.undo()
    collection.add("rock", chart)
    assert len(list(tmp_path.rglob("*.jpg"))) == 2


def test_full_disk_is_said_and_leaves_nothing(tmp_path: Path, chart: Pixels, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: Path, __: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    collection = Collection(tmp_path)
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(InputError, match="expected room for a picture, received No space left on device"):
        collection.add("rock", chart)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert collection.counts == {}
    assert collection.undo() is None


@pytest.mark.parametrize(
    "label",
    ["", ".", "..", "../up", "a/b", "a\\b", "/etc", ".hidden", " a", "a ", "a\n", "a\0", "\ud800", "unknown", "ö" * 51],
)
def test_label_that_can_be_no_folder_is_refused(label: str, tmp_path: Path, chart: Pixels) -> None:
    with pytest.raises(InputError, match=r"^expected "):
        Collection(tmp_path).add(label, chart)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("label", ["rock", "left hand", "päper", "剪刀", "a.b", "-x", "ö" * 50, "<b>"])
def test_other_labels_are_folders_of_their_own_name(label: str) -> None:
    check_folder_name(label)


def test_place_that_cannot_be_written_is_refused_before(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="expected a folder that can be written to"):
        Collection(tmp_path / "file" / "data")


def test_what_a_killed_session_left_half_written_goes_with_the_next(tmp_path: Path, chart: Pixels) -> None:
    picture = Collection(tmp_path).add("rock", chart)
    left = picture.with_name(f".{picture.name}.0123abcd.jpg")
    others = [picture.with_name(name) for name in (".holiday.jpg.0123abcd.jpg", f".{picture.name}.jpg")]
    for path in (left, *others):
        path.write_bytes(b"half")
        os.utime(path, (1_700_000_000, 1_700_000_000))
    assert Collection(tmp_path).counts == {"rock": 1}
    assert not left.exists()
    assert all(path.exists() for path in others)
