from __future__ import annotations

import gzip
import io
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest

from edgeproof.edge.console import Console
from edgeproof.edge.errors import InputError
from edgeproof.edge.folders import sha256_of
from edgeproof.train.data import find


def classes(root: Path, first: int = 0, **counts: int) -> Path:
    for label, count in counts.items():
        (root / label).mkdir(parents=True)
        for index in range(count):
            pixels = np.random.default_rng([first, index, len(label)]).integers(0, 255, (8, 8, 3), np.uint8)
            cv2.imwrite(str(root / label / f"{index}.png"), pixels)
    return root


def said(console: Console) -> str:
    assert isinstance(console.stream, io.StringIO)
    words = console.stream.getvalue()
    console.stream.truncate(console.stream.seek(0))
    return words


def test_class_folders_stay_where_they_are(tmp_path: Path, console: Console) -> None:
    data = classes(tmp_path / "photos", cat=10, horse=5)
    found = find(str(data), None, tmp_path / "run", 0, console)
    assert (found.root, found.labels) == (data, ("cat", "horse"))
    assert not (tmp_path / "run").exists()
    assert said(console) == "training: cat 8, horse 4 · validation: cat 2, horse 1\n"


def test_paths_are_relative_to_the_root(tmp_path: Path, console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    classes(tmp_path / "photos", cat=10, horse=5)
    monkeypatch.chdir(tmp_path)
    found = find("photos", None, Path("run"), 0, console)
    assert found.root == tmp_path / "photos"
    for file in (*found.split.train, *found.split.validation):
        assert sha256_of(found.root / file.file) == file.sha256


def test_judges_from_another_place(tmp_path: Path, console: Console) -> None:
    classes(tmp_path / "a" / "photos", cat=10, horse=5)
    classes(tmp_path / "b" / "judges", 1, cat=3, horse=3)
    found = find(str(tmp_path / "a/photos"), str(tmp_path / "b/judges"), tmp_path / "run", 0, console)
    assert found.root == tmp_path
    assert Counter(file.label for file in found.split.train) == {"cat": 10, "horse": 5}
    assert Counter(file.label for file in found.split.validation) == {"cat": 3, "horse": 3}
    assert found.split.validation[0].file == "b/judges/cat/0.png"


def test_of_two_sides_only_the_one_is_used(tmp_path: Path, console: Console) -> None:
    for place, first in (("a", 0), ("b", 10)):
        classes(tmp_path / place / "train", first, cat=4, horse=4)
        classes(tmp_path / place / "validation", first + 1, cat=2, horse=2)
    found = find(str(tmp_path / "a"), str(tmp_path / "b"), tmp_path / "run", 0, console)
    assert {file.file.rsplit("/", 2)[0] for file in found.split.train} == {"a/train"}
    assert {file.file.rsplit("/", 2)[0] for file in found.split.validation} == {"b/validation"}


@pytest.mark.parametrize("swapped", [False, True])
def test_a_class_on_one_side_only_is_named(tmp_path: Path, console: Console, swapped: bool) -> None:
    places = [classes(tmp_path / "a", cat=4, horse=4), classes(tmp_path / "b", 1, cat=4, horse=4, none=4)]
    data, validation = (str(place) for place in (reversed(places) if swapped else places))
    with pytest.raises(InputError, match=f"received none only to {'train' if swapped else 'validate'} on; add"):
        find(data, validation, tmp_path / "run", 0, console)


def test_copies_across_the_places_are_counted(tmp_path: Path, console: Console) -> None:
    classes(tmp_path / "a", cat=4, horse=4)
    classes(tmp_path / "b", cat=3, horse=2)
    found = find(str(tmp_path / "a"), str(tmp_path / "b"), tmp_path / "run", 0, console)
    assert len(found.split.train) == 3
    assert "5 pictures of a/ are in b/ too and are not trained on" in said(console)


def test_lopsided_classes_are_told(tmp_path: Path, console: Console) -> None:
    find(str(classes(tmp_path / "a", cat=40, horse=10)), None, tmp_path / "run", 0, console)
    assert "warning: the classes to train on differ much in size: cat has 32 pictures, horse 8" in (said(console))
    find(str(classes(tmp_path / "b", cat=30, horse=10)), None, tmp_path / "run", 0, console)
    assert "warning" not in said(console)


def test_real_idx_files_to_the_last_pixel(mini: Path, tmp_path: Path, console: Console) -> None:
    found = find(str(mini), None, tmp_path / "run", 0, console)
    assert (len(found.split.train), len(found.split.validation), len(found.labels)) == (700, 200, 10)
    raw = np.frombuffer(gzip.decompress((mini / "t10k-images-idx3-ubyte.gz").read_bytes()), np.uint8, offset=16)
    for file in found.split.validation:
        picture = cv2.imread(str(found.root / file.file), cv2.IMREAD_UNCHANGED)
        assert picture is not None
        assert (picture == raw.reshape(-1, 28, 28)[int(Path(file.file).stem)]).all()


def test_an_archive_judges_hands(tmp_path: Path, console: Console) -> None:
    x = np.random.default_rng(0).integers(0, 255, (6, 9, 9, 3), np.uint8)
    names = np.array(["paper", "rock", "scissors"])
    np.savez(tmp_path / "judges.npz", x_train=x[:3], y_train=[0, 1, 2], x_test=x[3:], y_test=[0, 1, 2], labels=names)
    found = find("hands:9", str(tmp_path / "judges.npz"), tmp_path / "run", 0, console)
    assert found.root == tmp_path / "run"
    assert len(found.split.train) == 9
    files = [file.file for file in found.split.validation]
    assert files == [f"pictures-validation/{name}/0000{index}.png" for index, name in enumerate(names)]
    picture = cv2.imread(str(found.root / files[0]))
    assert picture is not None
    assert (picture == x[3][..., ::-1]).all()


def test_hands_to_judge_by_are_others(tmp_path: Path, console: Console) -> None:
    found = find("hands:6", "hands:6", tmp_path / "run", 0, console)
    assert len({file.sha256 for file in (*found.split.train, *found.split.validation)}) == 12


def test_the_same_again_is_the_same(tmp_path: Path, console: Console) -> None:
    first, again = (find("hands:12", None, tmp_path / "run", 3, console) for _ in range(2))
    assert first == again
    assert (len(first.split.train), len(first.split.validation)) == (9, 3)


def test_data_within_what_is_replaced_are_refused(tmp_path: Path, console: Console) -> None:
    data = classes(tmp_path / "run" / "pictures", paper=2, rock=2, scissors=2)
    with pytest.raises(InputError, match=r"expected data outside of .*/run/pictures, which is replaced"):
        find("hands:6", str(data), tmp_path / "run", 0, console)
    assert len(list(data.rglob("*.png"))) == 6


@pytest.mark.parametrize("name", ["nothing", "mnist", "photo.png", "tfds", ""])
def test_what_is_nothing_of_all_that_is_one_line(
    tmp_path: Path, console: Console, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photo.png").write_bytes(b"x")
    with pytest.raises(InputError, match="expected a folder of class folders or of IDX files, an"):
        find(name, None, tmp_path / "run", 0, console)


def test_a_folder_wins_over_a_name(tmp_path: Path, console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    classes(tmp_path / "fashion-mnist", cat=4, horse=4)
    assert find("fashion-mnist", None, tmp_path / "run", 0, console).labels == ("cat", "horse")


@pytest.mark.parametrize("sides", [False, True])
def test_a_run_among_the_class_folders_is_refused(tmp_path: Path, console: Console, sides: bool) -> None:
    data = tmp_path / "photos"
    roots = [data / "train", data / "validation"] if sides else [data]
    for number, root in enumerate(roots):
        classes(root, number, cat=10, horse=5)
    for out in (roots[0] / "run", roots[-1] / "cat" / "run"):
        with pytest.raises(InputError, match="expected --out outside of the class folders"):
            find(str(data), None, out, 0, console)
        with pytest.raises(InputError, match="expected --out outside of the class folders"):
            find(str(roots[0]), str(roots[-1]), out, 0, console)
    find(str(data), None, data, 0, console)  # only folders are classes


def test_folders_without_pictures_are_named(tmp_path: Path, console: Console) -> None:
    data = classes(tmp_path / "photos", cat=10, horse=5)
    (data / "dog").mkdir()
    (data / "dog" / "one.gif").write_bytes(b"GIF89a")
    (data / ".cache").mkdir()
    assert find(str(data), None, tmp_path / "run", 0, console).labels == ("cat", "horse")
    warning = "without pictures (.bmp .jpeg .jpg .png .webp) are left out: 'dog'"
    assert f"warning: folders of {data} {warning}\n" in said(console)


def test_a_name_that_is_no_text_is_refused_before_the_work(tmp_path: Path, console: Console) -> None:
    with pytest.raises(InputError, match="expected a name in UTF-8"):
        find(
            str(classes(tmp_path / "photos", cat=10, horse=5).rename(tmp_path / "\udcff")),
            None,
            tmp_path / "run",
            0,
            console,
        )
