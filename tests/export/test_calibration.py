from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from edgeproof.edge.contract import ImageInput, NumberInput
from edgeproof.edge.errors import InputError
from edgeproof.edge.folders import LabelledFile
from edgeproof.edge.run_directory import Split
from edgeproof.export import calibration


def files(label: str, numbers: range) -> tuple[LabelledFile, ...]:
    return tuple(LabelledFile(f"{label}/{number}.jpg", label, f"{label}-{number}") for number in numbers)


def test_classes_give_alike_and_each_picture_once() -> None:
    split = Split(train=files("a", range(500)) + files("b", range(300)) + files("c", range(20)))
    chosen = calibration.choose(split, seed=0, count=150)
    assert Counter(file.label for file in chosen) == {"a": 50, "b": 50, "c": 20}
    assert len({file.sha256 for file in chosen}) == len(chosen)


def test_copies_count_once() -> None:
    copies = tuple(LabelledFile(f"a/copy-{number}.jpg", "a", "a-0") for number in range(50))
    chosen = calibration.choose(Split(train=files("a", range(3)) + copies), seed=0)
    assert len(chosen) == 3


def test_what_is_judged_by_is_never_calibrated_with() -> None:
    leaked = files("a", range(10))
    chosen = calibration.choose(Split(train=leaked + files("a", range(10, 20)), validation=leaked), seed=0)
    assert not {file.sha256 for file in chosen} & {file.sha256 for file in leaked}
    with pytest.raises(InputError, match="training pictures that are not validated with"):
        calibration.choose(Split(train=leaked, validation=leaked), seed=0)


def test_the_seed_decides_which() -> None:
    split = Split(train=files("a", range(500)))
    assert calibration.choose(split, 1) == calibration.choose(split, 1) != calibration.choose(split, 2)


def test_the_range_is_pinned_only_where_it_must_be() -> None:
    dull = np.full((3, 4, 4, 3), 100, np.uint8)
    pinned = calibration.pin_range(dull)
    assert (pinned.min(), pinned.max()) == (0, 255)
    assert (pinned != dull).sum() == 6  # two pixels of one picture
    full = dull.copy()
    full[1, 2, 2, 0], full[2, 0, 0, 1] = 0, 255
    assert np.array_equal(calibration.pin_range(full), full)


def test_samples_are_what_the_network_takes() -> None:
    pixels = np.arange(2 * 4 * 4 * 3, dtype=np.uint8).reshape(2, 4, 4, 3)
    given = calibration.of_pictures(pixels, files("a", range(2)), ImageInput(height=4, width=4, channels=3))
    samples = list(given)
    assert [sample.shape for sample in samples] == [(1, 4, 4, 3)] * 2
    assert samples[1].dtype == np.float32
    assert samples[1][0, 0, 0, 0] == pytest.approx(48 / 255)


def test_the_record_names_the_set() -> None:
    pixels = np.zeros((2, 4, 4, 3), np.uint8)
    spec = ImageInput(height=4, width=4, channels=3)
    first, again, other = (calibration.of_pictures(pixels, files("a", range(i, i + 2)), spec).record for i in (0, 0, 1))
    assert first == again
    assert first.sha256 != other.sha256
    assert first.images == 2


def test_numbers_cover_their_range() -> None:
    samples = np.concatenate(list(calibration.of_numbers(NumberInput(count=1, range=(-10.0, 10.0)))))
    assert (samples.min(), samples.max()) == (-10, 10)
