from __future__ import annotations

import math

import pytest

from edgeproof.edge.errors import InputError
from edgeproof.edge.foreign.ranges import normalized, parse_numbers, parse_range, spelled


@pytest.mark.parametrize(
    ("text", "limits"), [("0..1", (0, 1)), ("-1..1", (-1, 1)), ("0..255", (0, 255)), ("-0.5..0.5", (-0.5, 0.5))]
)
def test_range_is_read(text: str, limits: tuple[float, float]) -> None:
    assert parse_range(text) == limits


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "0-1",
        "a..b",
        "0..1..2",
        "1..0",
        "1..1",
        "nan..1",
        "0..inf",
        "-inf..0",
        "..",
        "0...1",
        "0...1..2",
        "0..1e3",
        " 0..1",
        "0.. 1",
        "0..1\n",
    ],
)
def test_bad_range_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="expected a range"):
        parse_range(text)


def test_imagenets_mean_and_std_become_a_range_for_each_channel() -> None:
    """Independently: ToTensor and Normalize of a black and of a white pixel."""
    limits = normalized((0.485, 0.456, 0.406), (0.229, 0.224, 0.225), 1, 3)
    assert [round(low, 4) for low, _ in limits] == [-2.1179, -2.0357, -1.8044]
    assert [round(high, 4) for _, high in limits] == [2.2489, 2.4286, 2.64]


@pytest.mark.parametrize(
    ("mean", "std", "white", "limits"),
    [
        ((127.5,), (127.5,), 255, (-1, 1)),
        ((0,), (255,), 255, (0, 1)),
        ((0.5, 0.5, 0.5), (0.5,), 1, (-1, 1)),
        ((0,), (1,), 255, (0, 255)),
    ],
)
def test_channels_that_are_alike_have_one_range(
    mean: tuple[float, ...], std: tuple[float, ...], white: float, limits: tuple[float, float]
) -> None:
    assert normalized(mean, std, white, 3) == (limits,)


@pytest.mark.parametrize(
    ("mean", "std", "message"),
    [
        ((0, 0), (1,), "expected a mean and a std of 1 or 3"),
        ((0,), (), "expected a mean and a std of 1 or 3"),
        ((0,), (0,), "a std above 0"),
        ((0,), (-1,), "a std above 0"),
        ((math.nan,), (1,), "expected a mean"),
        ((0,), (math.nan,), "a std above 0"),
        ((0,), (1e-40,), "that leave a range"),
        ((math.inf,), (1,), "that leave a range"),
        ((0,), (math.inf,), "that leave a range"),
    ],
)
def test_mean_and_std_that_leave_no_range_are_refused(
    mean: tuple[float, ...], std: tuple[float, ...], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        normalized(mean, std, 255, 3)


def test_numbers_are_read() -> None:
    assert parse_numbers("0.485,0.456, 0.406") == (0.485, 0.456, 0.406)
    with pytest.raises(InputError, match=r"expected numbers such as .*, received '0\.4,x'"):
        parse_numbers("0.4,x")


@pytest.mark.parametrize("text", ["0..1", "-1..1", "-2.118..2.249"])
def test_a_range_is_spelled_as_it_is_read(text: str) -> None:
    assert spelled(parse_range(text)) == text
