from __future__ import annotations

import os
from pathlib import Path

import pytest

from edgeproof.edge.errors import InputError
from edgeproof.edge.folders import class_folders, labelled_files


def classes(root: Path, *labels: str) -> Path:
    for label in labels:
        (root / label).mkdir(parents=True)
        (root / label / "0.jpg").write_bytes(b"x")
    return root


def test_labels_of_any_language_are_taken(tmp_path: Path) -> None:
    labels = ["Größe", "a b", "鋏", "✂\ufe0f"]
    assert list(class_folders(classes(tmp_path, *labels))) == sorted(labels)


@pytest.mark.parametrize("label", ["a\nb", "a\tb", "\x1b[31m", "a\u2028b", os.fsdecode(b"caf\xe9")])
def test_label_that_cannot_be_printed_is_refused(tmp_path: Path, label: str) -> None:
    classes(tmp_path, "rock", label)
    with pytest.raises(InputError, match=r"expected class folders with names of printable UTF-8, received '") as caught:
        class_folders(tmp_path)
    assert str(caught.value).isprintable()


def test_label_of_the_answer_below_the_threshold_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"expected no class folder called 'unknown', .*; rename it"):
        class_folders(classes(tmp_path, "rock", "unknown"))


def test_name_of_a_picture_that_is_no_text_is_refused(tmp_path: Path) -> None:
    classes(tmp_path, "paper", "rock")
    (tmp_path / "rock" / os.fsdecode(b"caf\xe9.jpg")).write_bytes(b"x")
    message = r"expected a name in UTF-8, received 'rock/caf\\udce9\.jpg'; rename it"
    with pytest.raises(InputError, match=message):
        labelled_files(tmp_path, tmp_path)


def test_hidden_pictures_and_folders_are_left_out(tmp_path: Path) -> None:
    classes(tmp_path, "paper", "rock", "rock/.thumbnails", "rock/left", "rock/left/.trash/deep", ".cache")
    (tmp_path / "rock" / ".0.jpg").write_bytes(b"x")
    assert [file.file for file in labelled_files(tmp_path, tmp_path)] == [
        "paper/0.jpg",
        "rock/0.jpg",
        "rock/left/0.jpg",
    ]


def test_folder_of_pictures_may_itself_be_hidden(tmp_path: Path) -> None:
    classes(tmp_path / ".data", "paper", "rock")
    assert list(class_folders(tmp_path / ".data")) == ["paper", "rock"]
