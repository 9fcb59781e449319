from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from edgeproof.edge.console import Console
from edgeproof.edge.errors import InputError
from edgeproof.train.data.source import Picture, Side, Source
from edgeproof.train.data.unpack import unpack


def side(*labels: str, broken: BaseException | None = None) -> Side:
    def pictures() -> Iterator[Picture]:
        for index, label in enumerate(labels):
            yield Picture(label, f"{label}{index}".encode(), ".jpg" if index else ".png")
        if broken is not None:
            raise broken

    return Side(len(labels), pictures)


def tree(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_one_side_makes_class_folders(tmp_path: Path, console: Console) -> None:
    folder = unpack(Source("s", "d", {"train": side("a", "b", "a")}), tmp_path / "run" / "pictures", console)
    assert tree(folder) == {"source.json", "a/00000.png", "b/00001.jpg", "a/00002.jpg"}
    assert (folder / "b" / "00001.jpg").read_bytes() == b"b1"
    record = json.loads((folder / "source.json").read_text())
    assert record == {"format": "edgeproof-pictures/1", "source": "s", "digest": "d", "pictures": {"train": 3}}


def test_two_sides_make_two_folders(tmp_path: Path, console: Console) -> None:
    folder = unpack(Source("s", "d", {"train": side("a"), "validation": side("b")}), tmp_path / "p", console)
    assert tree(folder) == {"source.json", "train/a/00000.png", "validation/b/00000.png"}


def test_the_same_source_is_used_again(tmp_path: Path, console: Console) -> None:
    unpack(Source("s", "d", {"train": side("a", "b")}), tmp_path / "p", console)
    # It raises when it is read: that it does not shows that nothing was read.
    unpack(Source("s", "d", {"train": side("a", "b", broken=AssertionError())}), tmp_path / "p", console)
    assert "using the pictures of s" in console.stream.getvalue()  # type: ignore[attr-defined]  # a StringIO


@pytest.mark.parametrize("other", [Source("t", "d", {"train": side("c", "d")}), Source("s", "e", {"train": side("c")})])
def test_another_source_replaces_it(tmp_path: Path, console: Console, other: Source) -> None:
    unpack(Source("s", "d", {"train": side("a", "b")}), tmp_path / "p", console)
    folder = unpack(other, tmp_path / "p", console)
    assert {path.split("/")[0] for path in tree(folder)} <= {"c", "d", "source.json"}
    assert [path.name for path in tmp_path.iterdir()] == ["p"]


def test_pictures_that_were_taken_away_come_back(tmp_path: Path, console: Console) -> None:
    source = Source("s", "d", {"train": side("a", "b")})
    folder = unpack(source, tmp_path / "p", console)
    (folder / "a" / "00000.png").unlink()
    assert "a/00000.png" in tree(unpack(source, folder, console))


@pytest.mark.parametrize("end", [InputError("torn"), KeyboardInterrupt()])
def test_a_failure_leaves_what_was_there(tmp_path: Path, console: Console, end: BaseException) -> None:
    unpack(Source("s", "d", {"train": side("a", "b")}), tmp_path / "p", console)
    before = tree(tmp_path)
    with pytest.raises(type(end)):
        unpack(Source("s", "e", {"train": side("c", "c", broken=end)}), tmp_path / "p", console)
    assert tree(tmp_path) == before


def test_what_a_killed_call_left_is_swept_away(tmp_path: Path, console: Console) -> None:
    for remains in (".p.partial", ".p.old"):
        (tmp_path / remains / "a").mkdir(parents=True)
        (tmp_path / remains / "a" / "00007.png").write_bytes(b"half")
    unpack(Source("s", "d", {"train": side("a", "b")}), tmp_path / "p", console)
    assert tree(tmp_path) == {"p/source.json", "p/a/00000.png", "p/b/00001.jpg"}


def test_a_persons_own_folder_is_not_replaced(tmp_path: Path, console: Console) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "holiday.jpg").write_bytes(b"x")
    with pytest.raises(InputError, match="received one with other things"):
        unpack(Source("s", "d", {"train": side("a", "b")}), tmp_path / "p", console)
    assert tree(tmp_path) == {"p/holiday.jpg"}
