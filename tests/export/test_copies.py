from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from edgeproof.edge.console import Console
from edgeproof.edge.errors import InputError
from edgeproof.edge.folders import LabelledFile, labelled_files
from edgeproof.edge.hands import hand_pictures
from edgeproof.export.copies import fingerprints, look_alikes, parse_pattern, photos

QUIET = Console(quiet=True)


def write(folder: Path, pictures: dict[str, np.ndarray]) -> list[LabelledFile]:
    for name, picture in pictures.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), picture)
    return labelled_files(folder, folder)


@pytest.fixture(scope="module")
def hands() -> list[np.ndarray]:
    return [picture for _, picture in hand_pictures(12, 0, 96, 128)]


def groups(folder: Path, files: list[LabelledFile], pattern: str | None = None) -> dict[str, int]:
    numbers = photos(folder, files, QUIET, parse_pattern(pattern) if pattern else None)
    return {file.file: int(number) for file, number in zip(files, numbers, strict=True)}


def test_brighter_and_recompressed_copies_are_one_photo(tmp_path: Path, hands: list[np.ndarray]) -> None:
    brighter = cv2.convertScaleAbs(hands[0], alpha=1.1, beta=8)
    recompressed = cv2.imdecode(cv2.imencode(".jpg", hands[0], [cv2.IMWRITE_JPEG_QUALITY, 60])[1], cv2.IMREAD_COLOR)
    files = write(tmp_path, {"a/0.png": hands[0], "a/1.png": brighter, "a/2.png": recompressed, "b/3.png": hands[1]})
    found = groups(tmp_path, files)
    assert found["a/0.png"] == found["a/1.png"] == found["a/2.png"] != found["b/3.png"]


def test_different_photos_stay_apart(tmp_path: Path, hands: list[np.ndarray]) -> None:
    files = write(tmp_path, {f"{'ab'[index % 2]}/{index}.png": hand for index, hand in enumerate(hands)})
    assert len(set(groups(tmp_path, files).values())) == len(hands)


def test_names_that_augmentation_tools_give_tell_the_photo(tmp_path: Path, hands: list[np.ndarray]) -> None:
    names = [f"a/cat_jpg.rf.{'0123456789abcdef' * 2}.png", f"a/cat_jpg.rf.{'f' * 32}.png", "a/dog_aug1.png"]
    names += ["a/dog-augmented-2.png", "b/dog_3.png", "b/augusta.png"]
    found = groups(tmp_path, write(tmp_path, dict(zip(names, hands, strict=False))))
    cat, other_cat, dog, other_dog, third, town = (found[name] for name in names)
    assert cat == other_cat
    assert dog == other_dog
    assert len({cat, dog, third, town}) == 4


def test_a_pattern_of_ones_own_names_the_photo(tmp_path: Path, hands: list[np.ndarray]) -> None:
    names = ["a/s1-x.png", "a/s1-y.png", "a/s2-x.png", "b/other.png"]
    found = groups(tmp_path, write(tmp_path, dict(zip(names, hands, strict=False))), r"/(s\d+)-")
    assert found["a/s1-x.png"] == found["a/s1-y.png"]
    assert len(set(found.values())) == 3


@pytest.mark.parametrize(("text", "reason"), [("(", "regular expression"), ("s[0-9]+", "group")])
def test_a_pattern_that_names_nothing_is_refused(text: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        parse_pattern(text)


def test_look_alikes_are_those_of_a_plain_loop() -> None:
    rng = np.random.default_rng(0)
    prints = rng.random((40, 512)) < 0.5
    prints[7] = prints[3] ^ (rng.random(512) < 0.02)
    prints[39] = prints[38]
    prints[20] = prints[10]  # but of another label
    labels = np.zeros(40, np.int64)
    labels[20:30] = 1
    expected = {
        i: [j for j in range(40) if j != i and labels[i] == labels[j] and int((prints[i] != prints[j]).sum()) <= 20]
        for i in range(40)
    }
    found = {index: others.tolist() for index, others in look_alikes(prints, labels)}
    assert found == {index: others for index, others in expected.items() if others}
    assert found == {3: [7], 7: [3], 38: [39], 39: [38]}


def test_a_chain_of_look_alikes_is_one_photo(tmp_path: Path, hands: list[np.ndarray]) -> None:
    steps = [cv2.convertScaleAbs(hands[0], alpha=1.0, beta=2 * step) for step in range(12)]
    files = write(tmp_path, {f"a/{index:02}.png": step for index, step in enumerate(steps)} | {"b/x.png": hands[1]})
    assert len(set(groups(tmp_path, files).values())) == 2


def test_dates_are_no_copies(tmp_path: Path, hands: list[np.ndarray]) -> None:
    names = ["a/2023-Aug-01.png", "a/2023-Aug-02.png", "b/cat-august.png"]
    assert len(set(groups(tmp_path, write(tmp_path, dict(zip(names, hands, strict=False)))).values())) == 3


def test_a_fingerprint_is_what_is_darker_than_its_neighbours() -> None:
    ramp = np.tile(np.arange(64, dtype=np.uint8) * 4, (64, 1))
    (found,) = fingerprints(ramp[None])
    assert found[:256].all()
    assert not found[256:].any()
