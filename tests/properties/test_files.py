"""Names of files, files that are whole or not there, and a log that is rotated."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from answers import answer
from edgeproof.edge.atomic import replacing, write_all, write_bytes
from edgeproof.edge.console import Console
from edgeproof.edge.names import file_name
from edgeproof.edge.sinks.budget import folder_name, kept_pictures, make_room, picture_name
from edgeproof.edge.sinks.lines import json_line
from edgeproof.edge.sinks.log import LogSink

anything = st.text("a雨./-", max_size=250) | st.text(
    st.characters(), max_size=60
)  # lone surrogates too: a name on a disk need not be text
seconds = st.floats(0, 4e9)
plain_names = st.from_regex(r"[a-z0-9-]{1,12}(\.[a-z]{1,4})?", fullmatch=True)


@contextmanager
def folder() -> Iterator[Path]:
    """A new folder for each example."""
    with tempfile.TemporaryDirectory() as made:
        yield Path(made)


@given(anything)
def test_file_name_of_any_text_is_one_name_and_stays_the_same(text: str) -> None:
    name = file_name(text)
    assert re.fullmatch(r"[\w.-]+", name)
    assert name not in (".", "..")
    assert not name.startswith(".")
    assert file_name(name) == name


@example(0.0, "雨" * 250, 1.0)
@given(seconds, anything, st.floats())
def test_name_of_a_picture_fits_on_a_disk_and_is_known_to_be_ours(at: float, label: str, score: float) -> None:
    name = picture_name(at, label, score)
    assert len(name.encode()) <= 255 - len("..0123abcd.jpg")  # which it has until it is whole
    assert "/" not in name
    with folder() as root:
        (root / name).write_bytes(b"x")
        place = root / folder_name(label)
        place.mkdir(exist_ok=True)
        (place / name).write_bytes(b"xy")
        assert sorted(picture.size for picture in kept_pictures(root)) == [1, 2]


@given(seconds, seconds, anything, anything)
def test_names_of_pictures_sort_by_time(one: float, other: float, label: str, other_label: str) -> None:
    names = [picture_name(min(one, other), label, 0.5), picture_name(max(one, other), other_label, 0.5)]
    stamps = [name[: len("edgeproof-20260131-235959-250")] for name in names]
    assert stamps == sorted(stamps)


@given(anything, anything)
def test_labels_that_differ_have_folders_that_differ(one: str, other: str) -> None:
    assert folder_name(one) not in ("", ".", "..")
    assert "/" not in folder_name(one)
    assert (folder_name(one) == folder_name(other)) == (one == other)


@given(st.lists(st.integers(1, 50), max_size=12), st.integers(0, 300), st.integers(0, 60))
def test_oldest_pictures_go_until_there_is_room(sizes: list[int], budget: int, needed: int) -> None:
    with folder() as root:
        for index, size in enumerate(sizes):
            (root / picture_name(index, "rock", 0.5)).write_bytes(bytes(size))
        used = make_room(root, budget, needed)
        left = [picture.size for picture in kept_pictures(root)]
        assert left == sizes[len(sizes) - len(left) :]  # the newest
        assert used == sum(left)
        assert used + needed <= budget or not left
        if sum(sizes) + needed <= budget:
            assert left == sizes


@settings(max_examples=25)
@given(plain_names, st.binary(max_size=40), st.binary(max_size=40))
def test_file_is_the_new_one_or_the_old_one(name: str, old: bytes, new: bytes) -> None:
    with folder() as root:
        path = root / "made" / name
        write_bytes(path, old)
        with suppress(KeyError), replacing(path) as temporary:
            temporary.write_bytes(new)
            assert path.read_bytes() == old
            raise KeyError
        assert path.read_bytes() == old
        write_bytes(path, new)
        assert path.read_bytes() == new
        assert [each.name for each in path.parent.iterdir()] == [name]


@settings(max_examples=25)  # each file is synced to the disk
@given(st.dictionaries(plain_names, st.binary(max_size=20), max_size=3))
def test_several_files_are_written_and_nothing_else(contents: dict[str, bytes]) -> None:
    with folder() as root:
        write_all({root / name: data for name, data in contents.items()})
        assert {path.name: path.read_bytes() for path in root.iterdir()} == contents


@given(
    st.lists(st.sampled_from(["rock", "paper", "a much longer name"]), max_size=30),
    st.integers(100, 4000),
    st.integers(1, 4),
    st.lists(st.integers(0, 29), max_size=3),
)
def test_log_holds_the_newest_lines_whole_and_within_its_size(
    labels: list[str], size: int, keep: int, restarts: list[int]
) -> None:
    with folder() as root:
        path = root / "log.jsonl"
        sink = LogSink(path, size, keep, Console(quiet=True))
        for index, label in enumerate(labels):
            if index in restarts:
                sink.close()
                sink = LogSink(path, size, keep, Console(quiet=True))
            sink.write(answer(label))
        sink.close()
        files = [file for number in range(keep, 0, -1) if (file := root / f"log.jsonl.{number}").exists()] + [path]
        assert {file.name for file in root.iterdir()} == {file.name for file in files}
        lines = [file.read_text().splitlines(keepends=True) for file in files]
        assert all(file.stat().st_size <= size or len(each) == 1 for file, each in zip(files, lines, strict=True))
        kept = [json.loads(line)["label"] for each in lines for line in each]
        assert kept == labels[len(labels) - len(kept) :]
        if len(files) <= keep:  # nothing has gone yet
            assert kept == labels


@given(st.text(max_size=20), st.floats())
def test_line_of_any_answer_is_one_line_of_json_in_ascii(label: str, score: float) -> None:
    line = json_line(answer(label, score))
    assert line.isascii()
    assert line.count("\n") == 1
    read = json.loads(line)
    assert read["label"] == label
    assert read["score"] is None or abs(read["score"] - score) <= 1e-6 * max(1, abs(score))
    assert (read["score"] is None) == (score != score or abs(score) == float("inf"))
