"""Which of the named pictures calibrate and which judge."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from edgeproof.edge.errors import InputError
from edgeproof.export import samples
from edgeproof.export.samples import Chosen


def fill(folder: Path, count: int, text: str = "") -> None:
    """Write files that differ; whether they are pictures is not looked at here."""
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(count):
        (folder / f"{index:03}.jpg").write_text(f"{text or folder.name} {index}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    fill(tmp_path / "data" / "a", 30)
    fill(tmp_path / "data" / "b", 9)
    return tmp_path / "data"


def contents(chosen: Chosen) -> set[str]:
    return {(chosen.root / file.file).read_text() for file in chosen.files}


def test_class_folders_are_parted_by_class(folder: Path) -> None:
    calibrating, judged = samples.parted(folder, ("b", "a"), 0)
    assert Counter(file.label for file in calibrating.files) == {"a": 10, "b": 3}
    assert Counter(file.label for file in judged.files) == {"a": 20, "b": 6}
    assert not contents(calibrating) & contents(judged)
    samples.require_apart(calibrating, judged)


def test_the_seed_decides(folder: Path) -> None:
    first, again, other = (contents(samples.parted(folder, ("a", "b"), seed)[0]) for seed in (0, 0, 1))
    assert first == again != other


def test_copies_stay_on_one_side(folder: Path) -> None:
    for index in range(30):
        (folder / "a" / f"copy-{index}.jpg").write_text(f"a {index}")
    calibrating, judged = samples.parted(folder, ("a", "b"), 0)
    assert not contents(calibrating) & contents(judged)
    assert Counter(file.label for file in calibrating.files)["a"] == 10
    assert Counter(file.label for file in judged.files)["a"] == 40


def test_many_pictures_calibrate_no_more_than_are_needed(tmp_path: Path) -> None:
    for label in "ab":
        fill(tmp_path / label, 400)
    calibrating, judged = samples.parted(tmp_path, ("a", "b"), 0)
    assert (len(calibrating.files), len(judged.files)) == (200, 600)


def test_one_picture_cannot_be_parted(tmp_path: Path) -> None:
    fill(tmp_path / "a", 1)
    fill(tmp_path / "b", 5)
    with pytest.raises(InputError, match="expected at least 2 different pictures of each class, received 1: a"):
        samples.parted(tmp_path, ("a", "b"), 0)


def test_a_flat_folder_calibrates_but_does_not_judge(tmp_path: Path) -> None:
    fill(tmp_path, 5)
    chosen = samples.calibration(tmp_path, ("a", "b"), 0)
    assert len(chosen.files) == 5
    assert not chosen.labelled
    with pytest.raises(InputError, match=r"received pictures without classes.*pass --evaluate"):
        samples.parted(tmp_path, ("a", "b"), 0)


@pytest.mark.parametrize("labels", [("a",), ("a", "b", "c"), ("a", "c")])
def test_folders_that_are_not_the_labels_are_refused_with_both(folder: Path, labels: tuple[str, ...]) -> None:
    expected = rf"expected one folder for each label \({', '.join(labels)}\), received a, b: "
    for choose in (samples.evaluation, lambda *given: samples.calibration(*given, 0)):
        with pytest.raises(InputError, match=expected):
            choose(folder, labels)


def test_a_picture_on_both_sides_is_named(folder: Path, tmp_path: Path) -> None:
    fill(tmp_path / "more" / "a", 3, "other")
    fill(tmp_path / "more" / "b", 3)
    (tmp_path / "more" / "a" / "same.jpg").write_text("a 7")
    calibrating = samples.calibration(tmp_path / "more", ("a", "b"), 0)
    judged = samples.evaluation(folder, ("a", "b"))
    with pytest.raises(InputError, match=r"received .*more/(a|b)/.*\.jpg, which is .*data/(a|b)/.*\.jpg"):
        samples.require_apart(calibrating, judged)
