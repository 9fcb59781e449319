from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import pytest

from console_lines import Said
from edgeproof.edge.atomic import temporary_beside
from edgeproof.edge.sinks.budget import folder_name, kept_pictures, make_room, picture_name
from edgeproof.edge.sinks.pictures import PictureFolder
from kept_pictures import LARGE, files, put


def test_name_has_the_time_in_utc_the_label_and_the_score() -> None:
    assert picture_name(1_700_000_000.25, "rock", 0.934) == "edgeproof-20231114-221320-250-rock-0.93.jpg"
    assert picture_name(0, "a b:c", float("nan")) == "edgeproof-19700101-000000-000-a-b-c-0.00.jpg"


def test_names_sort_by_time() -> None:
    times = [5.999, 6.0, 6.001, 66.0, 1_700_000_000.0, 1_700_000_000.5]
    names = [picture_name(at, label, 0.5) for at, label in zip(times, "zyxwvu", strict=True)]
    assert names == sorted(names)


@pytest.mark.parametrize(
    ("label", "folder"),
    [
        ("rock", "rock"),
        ("golden retriever", "golden retriever"),
        ("hände", "hände"),
        ("a/b", f"a-b-{sha256(b'a/b').hexdigest()[:6]}"),
        ("..", f"unnamed-{sha256(b'..').hexdigest()[:6]}"),
        ("a\0b", f"a-b-{sha256(b'a' + bytes(1) + b'b').hexdigest()[:6]}"),
    ],
)
def test_folder_is_called_as_the_label_where_it_can_be(label: str, folder: str) -> None:
    assert folder_name(label) == folder


LABELS = (
    "rock", "a b", "a/b", "a-b", "a\\b", "a:b", "..", ".", "", "-", "-dash", "dot.", "x" * 60, "x" * 300, "x" * 301,
    "a" * 39 + "/bcd", "a" * 33 + "/bcd", "a" * 39 + " bcd", "a." + "b" * 37 + "/c", "ß" * 150, "a\nb", "\udcff", "😀/",
)  # fmt: skip


def test_each_label_has_a_folder_of_its_own() -> None:
    names = [folder_name(label) for label in LABELS]
    assert len(set(names)) == len(LABELS)
    assert all(len(name.encode()) <= 255 and name not in (".", "..") and "/" not in name for name in names)


@pytest.mark.parametrize("label", LABELS)
def test_pictures_of_any_label_are_counted(label: str, tmp_path: Path) -> None:
    path = tmp_path / folder_name(label) / picture_name(1, label, 0.5)
    path.parent.mkdir()
    path.write_bytes(bytes(100))
    assert [picture.path for picture in kept_pictures(tmp_path)] == [path]


def test_what_a_person_put_or_moved_there_is_not_ours(tmp_path: Path) -> None:
    ours = [
        picture_name(1, "rock", 0.5),
        f"golden retriever/{picture_name(3, 'golden retriever', 0.5)}",
        f"rock/{picture_name(2, 'rock', 0.5)}",
    ]
    others = [
        f"paper/{picture_name(4, 'rock', 0.5)}",  # relabelled
        f"rock/deeper/{picture_name(5, 'rock', 0.5)}",
        "holiday.jpg",
        "edgeproof-notes.txt",
        f"copy of {picture_name(6, 'rock', 0.5)}",
        f".{picture_name(7, 'rock', 0.5)}.abc.jpg",
    ]
    for name in ours + others:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(bytes(100))
    for name in ours:  # made at the same time, as far as their disk knows
        os.utime(tmp_path / name, (1_700_000_000, 1_700_000_000))
    (tmp_path / picture_name(8, "rock", 0.5)).symlink_to(tmp_path / "holiday.jpg")
    (tmp_path / picture_name(9, "rock", 0.5)).mkdir()
    found = [picture.path.relative_to(tmp_path).as_posix() for picture in kept_pictures(tmp_path)]
    assert found == [ours[0], ours[2], ours[1]]
    assert make_room(tmp_path, 100, 100) == 0
    assert not any((tmp_path / name).exists() for name in ours)
    assert all((tmp_path / name).exists() for name in others)


def test_what_a_killed_run_left_unfinished_is_deleted(tmp_path: Path, said: Said) -> None:
    name = picture_name(1, "rock", 0.5)
    left = [f".{name}.k3_x9a0b.jpg", f"rock/.{name}.0123abcd.jpg"]
    others = [f".{name}.new_0000.jpg", f".{name}.jpg", ".holiday.jpg.0123abcd.jpg"]
    (tmp_path / "rock").mkdir()
    for path in left + others:
        (tmp_path / path).write_bytes(bytes(100))
    for path in left + others[1:]:
        os.utime(tmp_path / path, (1_700_000_000, 1_700_000_000))
    folder = PictureFolder(tmp_path, LARGE, "--save-on", said.console)
    put(folder, "rock", 0.75)
    folder.close()
    assert not any((tmp_path / path).exists() for path in left)
    assert all((tmp_path / path).exists() for path in others)


def test_temporary_file_of_a_picture_is_known_as_ours(tmp_path: Path) -> None:
    temporary = temporary_beside(tmp_path / picture_name(1, "rock", 0.5))
    os.utime(temporary, (1_700_000_000, 1_700_000_000))
    assert make_room(tmp_path, 100, 10) == 0
    assert not temporary.exists()


def test_oldest_are_deleted_and_no_more_than_make_room(tmp_path: Path) -> None:
    for second in range(20):
        (tmp_path / picture_name(second, "rock", 0.5)).write_bytes(bytes(100))
    assert make_room(tmp_path, 2100, 100) == 2000
    assert len(files(tmp_path)) == 20
    # 100 more are needed, and a twentieth of the budget is freed beside.
    assert make_room(tmp_path, 2000, 100) == 1800
    assert files(tmp_path) == [picture_name(second, "rock", 0.5) for second in range(2, 20)]
