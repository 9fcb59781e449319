from __future__ import annotations

from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest

from edgeproof.edge.console import Console
from edgeproof.edge.errors import InputError
from edgeproof.edge.folders import LabelledFile
from edgeproof.train.data.split import balance, labels_of, split_folder, stratified


def files(**counts: int) -> list[LabelledFile]:
    return [
        LabelledFile(f"{label}/{index}.jpg", label, f"{label}-{index}")
        for label, count in counts.items()
        for index in range(count)
    ]


def picture(path: Path, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.random.default_rng(seed).integers(0, 255, (8, 8, 3), np.uint8))


def test_a_fifth_of_each_class_is_kept() -> None:
    split = stratified(files(a=100, b=50, c=5), seed=1)
    assert Counter(file.label for file in split.validation) == {"a": 20, "b": 10, "c": 1}
    assert Counter(file.label for file in split.train) == {"a": 80, "b": 40, "c": 4}
    assert not set(split.train) & set(split.validation)


def test_the_seed_decides() -> None:
    given = files(a=40, b=40)
    assert stratified(given, 3) == stratified(given, 3)
    assert stratified(given, 3) != stratified(given, 4)


def test_the_order_of_the_files_does_not() -> None:
    given = files(a=40, b=40)
    assert set(stratified(given[::-1], 3).validation) == set(stratified(given, 3).validation)


def test_equal_pictures_stay_on_one_side() -> None:
    given = files(a=30, b=30)
    copies = [LabelledFile(f"a/copy-{index}.jpg", "a", f"a-{index}") for index in range(30)]
    split = stratified(given + copies, seed=0)
    sides = [{file.sha256 for file in side} for side in (split.train, split.validation)]
    assert not sides[0] & sides[1]
    assert len(split.train) + len(split.validation) == 90


def test_one_picture_cannot_be_split() -> None:
    with pytest.raises(InputError, match="at least 2 different pictures of each class, received 1: b"):
        stratified(files(a=10, b=1), seed=0)


def test_given_sides_are_taken_and_leaks_are_dropped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for side, first in (("train", 0), ("validation", 3)):
        for index in range(first, first + 4):  # picture 3 of each class is on both sides
            picture(tmp_path / side / "cat" / f"{index}.png", index)
            picture(tmp_path / side / "dog" / f"{index}.png", 100 + index)
    split = split_folder(tmp_path, 0, Console())
    assert (len(split.train), len(split.validation)) == (6, 8)
    assert split.validation[0].file == "validation/cat/3.png"
    assert "2 pictures of train/ are in validation/ too" in capsys.readouterr().err


def test_given_sides_must_have_the_same_classes(tmp_path: Path) -> None:
    for name in ("train/cat", "train/dog", "validation/cat", "validation/fox"):
        picture(tmp_path / name / "0.png", len(name))
    with pytest.raises(InputError, match="received dog only to train on; add pictures to validate on"):
        split_folder(tmp_path, 0, Console())


def test_words() -> None:
    split = stratified(files(b=10, a=5), seed=0)
    assert labels_of(split) == ("a", "b")
    assert balance(files(b=10, a=5)) == "a 5, b 10"


def test_a_picture_in_two_class_folders_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for index in range(4):
        picture(tmp_path / "cat" / f"{index}.png", index)
        picture(tmp_path / "dog" / f"{index}.png", index + 3)  # dog/0 is cat/3
    split_folder(tmp_path, 0, Console())
    assert "2 pictures stand in several class folders, one is cat/3.png" in capsys.readouterr().err


def test_a_side_that_leaks_away_ends_it(tmp_path: Path) -> None:
    for side in ("train", "validation"):
        for index, label in enumerate(("cat", "dog")):
            picture(tmp_path / side / label / "0.png", index if label == "cat" else index + (side == "train"))
    with pytest.raises(InputError, match="received a class without any"):
        split_folder(tmp_path, 0, Console())


def test_a_class_of_pictures_that_are_all_in_another_too_is_refused() -> None:
    files = [LabelledFile("a/1.png", "a", "1"), *(LabelledFile(f"b/{name}.png", "b", name) for name in "123")]
    with pytest.raises(InputError, match="at least 2 different pictures of each class, received 0: a"):
        stratified(files, 0)
