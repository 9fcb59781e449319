from __future__ import annotations

import io

import numpy as np
import pytest

from edgeproof.edge.console import Console
from edgeproof.edge.errors import InputError
from edgeproof.edge.folders import LabelledFile
from edgeproof.edge.pixel_set import PixelSet
from edgeproof.export import calibration
from edgeproof.export.calibration_lint import lint

LABELS = ("a", "b")


def pictures(pixels: np.ndarray, labels: str | None = None) -> PixelSet:
    names = labels or "ab" * (len(pixels) // 2) + "a" * (len(pixels) % 2)
    files = tuple(LabelledFile(f"{label}/{index}.png", label, str(index)) for index, label in enumerate(names))
    return PixelSet(pixels, np.array([LABELS.index(label) for label in names]), files)


def noise(count: int, low: int = 0, high: int = 256) -> np.ndarray:
    return np.random.default_rng(0).integers(low, high, (count, 32, 32, 3)).astype(np.uint8)


def warnings(chosen: PixelSet, alike: int = 0) -> str:
    stream = io.StringIO()
    lint(chosen, len(chosen) + alike, alike, LABELS, Console(stream=stream))
    return stream.getvalue()


def test_a_good_set_is_not_commented() -> None:
    assert warnings(pictures(noise(60))) == ""


def test_a_missing_class_is_an_error() -> None:
    with pytest.raises(InputError, match="none of b"):
        warnings(pictures(noise(60), "a" * 60))


def test_few_pictures_are_told() -> None:
    assert "30 calibration pictures are few" in warnings(pictures(noise(30)))
    assert "fewer than 5 calibration pictures: b 2" in warnings(pictures(noise(60), "a" * 58 + "bb"))


def test_a_range_that_is_never_reached_is_told() -> None:
    assert "only from 100 to 180 of 0 to 255" in warnings(pictures(noise(60, 100, 181)))


def test_pictures_of_one_colour_are_told_and_nothing_else_is_an_error() -> None:
    some = noise(60)
    some[4] = 17
    assert "1 calibration pictures are of one colour, one is a/4.png" in warnings(pictures(some))
    with pytest.raises(InputError, match="one colour"):
        warnings(pictures(np.full((60, 8, 8, 3), 9, np.uint8)))


def test_pictures_that_look_alike_are_left_out_and_told() -> None:
    drawn = np.concatenate([noise(60), np.clip(noise(60)[:30].astype(int) + 3, 0, 255).astype(np.uint8)])
    left, alike = calibration.distinct(pictures(drawn))
    assert (len(left), alike) == (60, 30)
    assert "30 of 90 calibration pictures look like another one" in warnings(left, alike)


def test_pictures_that_are_all_the_same_are_an_error() -> None:
    drawn = pictures(np.repeat(noise(1), 6, axis=0))
    left, alike = calibration.distinct(drawn)
    assert (len(left), alike) == (6, 4)  # three of each class, one of which is no copy
    with pytest.raises(InputError, match="received 6 that look the same"):
        lint(left, 6, 5, LABELS, Console(quiet=True))


def test_two_classes_that_look_alike_both_stay() -> None:
    # Shots of a fixed camera, good and bad parts: the difference is too small to be seen in a fingerprint.
    left, alike = calibration.distinct(pictures(np.repeat(noise(1), 40, axis=0)))
    assert np.bincount(left.labels).tolist() == [5, 5]
    assert alike == 38
    assert "38 of 48" in warnings(left, alike)


def test_classes_keep_even_shares() -> None:
    left, _ = calibration.distinct(pictures(noise(90), "a" * 60 + "b" * 30), count=40)
    assert np.bincount(left.labels).tolist() == [20, 20]
