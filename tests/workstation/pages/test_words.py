from __future__ import annotations

import pytest

from edgeproof.workstation.pages.words import duration, file_size, milliseconds, number, percent, points


@pytest.mark.parametrize(
    ("share", "digits", "words"),
    [
        (0, 1, "0.0 %"),
        (1, 1, "100.0 %"),
        (1, 0, "100 %"),
        (0.876, 1, "87.6 %"),
        (0.99999, 1, ">99.9 %"),
        (0.996, 0, ">99 %"),
        (0.0001, 1, "<0.1 %"),
        (0.004, 0, "<1 %"),
    ],
)
def test_only_everything_is_a_hundred_percent_and_only_nothing_is_none(share: float, digits: int, words: str) -> None:
    assert percent(share, digits).replace("\u202f", " ") == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(8.44, "8.4 s"), (59.99, "1 min 0 s"), (141, "2 min 21 s"), (3900, "1 h 5 min")]
)
def test_duration(seconds: float, words: str) -> None:
    assert duration(seconds).replace("\u202f", " ") == words


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.47321, "0.4732"), (-2.0, "−2"), (3.2e-5, "3.2 × 10⁻⁵"), (1e20, "1 × 10²⁰"), (-1e-10, "−1 × 10⁻¹⁰")],
)
def test_number(value: float, words: str) -> None:
    assert number(value).replace("\u202f", " ") == words


@pytest.mark.parametrize(
    ("latency", "words"), [(0.00312, "0.003 ms"), (0.1, "0.10 ms"), (48.853, "48.85 ms"), (612.4, "612 ms")]
)
def test_milliseconds(latency: float, words: str) -> None:
    assert milliseconds(latency).replace("\u202f", " ") == words


@pytest.mark.parametrize(("size", "words"), [(2100, "2.1 kB"), (99_999, "100.0 kB"), (9_750_000, "9.75 MB")])
def test_file_size(size: int, words: str) -> None:
    assert file_size(size).replace("\u202f", " ") == words


@pytest.mark.parametrize(
    ("fraction", "words"), [(0.0067, "0.67"), (-0.012, "−1.20"), (-0.00001, "0.00"), (1, "100.00")]
)
def test_points(fraction: float, words: str) -> None:
    assert points(fraction) == words
