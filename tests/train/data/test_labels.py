from __future__ import annotations

import numpy as np
import pytest

from edgeproof.edge.errors import InputError
from edgeproof.train.data.labels import FASHION_MNIST, class_names, names_of


def test_names_become_folders() -> None:
    assert class_names(["T-shirt/top", "Ankle boot", "鋏"], "x") == ("T-shirt-top", "Ankle boot", "鋏")
    assert class_names(FASHION_MNIST, "x") == FASHION_MNIST


@pytest.mark.parametrize(
    "name", ["", " ", ".", "..", "../up", ".hidden", "a\nb", "a\0b", "\x1b[2J", "\ud800", "a\u2028"]
)
def test_hostile_names_are_refused(name: str) -> None:
    with pytest.raises(InputError, match="expected class names that can name a folder, received") as caught:
        class_names(["good", name], "tfds:evil")
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["a/b", "a-b"], "expected class names that differ, received 'a-b' twice"),
        (["a", "unknown"], "the answer below the threshold"),
        (["a", "é" * 128], "at most 255 bytes"),
    ],
)
def test_names_that_cannot_be_used_are_refused(names: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        class_names(names, "x")


def test_plain_numbers_sort_as_they_count() -> None:
    names = class_names([str(number) for number in range(12)], "x")
    assert names[:3] == ("00", "01", "02")
    assert tuple(sorted(names)) == names


def test_numbers_are_named_across_both_sides() -> None:
    assert names_of([np.array([0, 5]), np.array([10])], None, "x") == {0: "00", 5: "05", 10: "10"}
    assert names_of([np.array([1, 0])], ["a", "b", "c"], "x") == {0: "a", 1: "b"}
