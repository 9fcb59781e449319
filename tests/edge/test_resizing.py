from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
import pytest

from edgeproof.edge import resizing
from edgeproof.edge.preprocess import Pixels
from edgeproof.edge.resizing import Resizer, differs, halved

SIZE = (15, 10)  # width and height


def noise(height: int, width: int) -> Pixels:
    return np.random.default_rng(height).integers(0, 256, (height, width, 3), np.uint8)


@pytest.fixture
def vendor(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """A build whose vendor takes up to four channels of frames 40 wide, and rounds up; gives what channels it met."""
    own, channels = cv2.resize, []

    def resize(frame: Pixels, size: tuple[int, int], *more: Any) -> Any:
        channels.append(frame.shape[2])
        resized = own(frame, size, *more)
        return cv2.add(resized, 1, dst=resized) if frame.shape[2] <= 4 and frame.shape[1] == 40 else resized

    monkeypatch.setattr(cv2, "resize", resize)
    monkeypatch.setattr(resizing, "has_vendor", lambda: True)
    differs.cache_clear()
    yield channels
    differs.cache_clear()


@pytest.mark.parametrize("interpolation", [cv2.INTER_LINEAR, cv2.INTER_NEAREST])
def test_frames_are_resized_by_opencv(interpolation: int) -> None:
    frame = noise(30, 41)
    assert np.array_equal(
        Resizer(SIZE, interpolation).resize(frame), cv2.resize(frame, SIZE, None, 0, 0, interpolation)
    )


@pytest.mark.parametrize("out", [None, np.zeros((10, 15, 3), np.uint8)])
@pytest.mark.parametrize("shape", [(30, 40), (30, 41), (8, 40)])
def test_vendor_that_rounds_otherwise_is_passed_by(
    vendor: list[int], shape: tuple[int, int], out: Pixels | None
) -> None:
    frame = noise(*shape)
    expected = cv2.resize(np.dstack([frame, frame]), SIZE)[..., :3]
    resizer = Resizer(SIZE, cv2.INTER_LINEAR)
    for _ in range(2):
        resized = resizer.resize(frame, out)
        assert np.array_equal(resized, expected)
        assert out is None or resized is out
    assert vendor[-1] == (6 if shape[1] == 40 else 3)


def test_a_region_of_a_frame_is_resized_too(vendor: list[int]) -> None:
    frame = noise(50, 60)[5:35, 10:50]
    expected = cv2.resize(np.dstack([frame, frame]), SIZE)[..., :3]
    assert np.array_equal(Resizer(SIZE, cv2.INTER_LINEAR).resize(frame), expected)
    assert 6 in vendor


def test_a_size_is_asked_about_once(vendor: list[int]) -> None:
    resizer = Resizer(SIZE, cv2.INTER_LINEAR)
    for _ in range(3):
        resizer.resize(noise(30, 40))
    assert vendor == [6, 3, 6, 6, 6]  # twice to see whether it differs, then once a frame


@pytest.mark.parametrize("interpolation", [cv2.INTER_LINEAR, cv2.INTER_AREA, cv2.INTER_NEAREST])
@pytest.mark.parametrize("shape", [(20, 30), (21, 31), (40, 60), (480, 640), (5, 5), (1, 1), (10, 15), (20, 31)])
def test_no_size_is_one_that_opencv_s_own_code_refuses(
    monkeypatch: pytest.MonkeyPatch, shape: tuple[int, int], interpolation: int
) -> None:
    """For averages of areas OpenCV takes four channels at most, and fails of six."""
    monkeypatch.setattr(resizing, "has_vendor", lambda: True)
    differs.cache_clear()
    frame = noise(*shape)
    expected = cv2.resize(frame, SIZE, None, 0, 0, interpolation)
    assert np.array_equal(Resizer(SIZE, interpolation).resize(frame), expected)


@pytest.mark.parametrize(("height", "width"), [(20, 30), (300, 300), (2, 2)])
def test_halving_is_opencv_s(height: int, width: int) -> None:
    if resizing.has_vendor():
        pytest.skip("this OpenCV hands it to a vendor's code")
    frame = noise(height, width)
    assert np.array_equal(halved(frame), cv2.resize(frame, (width // 2, height // 2)))


def test_vendor_that_halves_otherwise_is_passed_by(monkeypatch: pytest.MonkeyPatch) -> None:
    own = cv2.resize
    monkeypatch.setattr(cv2, "resize", lambda *words: 255 - own(*words))
    monkeypatch.setattr(resizing, "has_vendor", lambda: True)
    differs.cache_clear()
    frame = noise(20, 30)
    assert np.array_equal(Resizer(SIZE, cv2.INTER_LINEAR).resize(frame), halved(frame))
    differs.cache_clear()
