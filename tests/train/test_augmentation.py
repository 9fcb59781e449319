from __future__ import annotations

import numpy as np
import pytest

from edgeproof.train.augmentation import Augmentation

SIDE = 9
RNG_SEED = 3


def disc() -> np.ndarray:
    y, x = np.mgrid[:SIDE, :SIDE]
    return np.where((x - 2) ** 2 + (y - 4) ** 2 < 5, 255, 0).astype(np.uint8)[None, :, :, None].repeat(3, 3)


def test_nothing_asked_is_nothing_done() -> None:
    pictures = np.random.default_rng(0).integers(0, 255, (4, SIDE, SIDE, 3), np.uint8)
    assert np.array_equal(Augmentation().apply(pictures, np.random.default_rng(RNG_SEED)), pictures)


def test_mirror_is_numpys_flip_or_nothing() -> None:
    pictures = np.random.default_rng(0).integers(0, 255, (40, SIDE, SIDE, 3), np.uint8)
    warped = Augmentation(mirror=True).apply(pictures, np.random.default_rng(RNG_SEED))
    flipped = [np.array_equal(after, before[:, ::-1]) for before, after in zip(pictures, warped, strict=True)]
    kept = [np.array_equal(after, before) for before, after in zip(pictures, warped, strict=True)]
    assert all(a or b for a, b in zip(flipped, kept, strict=True))
    assert 8 < sum(flipped) < 32


@pytest.mark.parametrize("channels", [1, 3])
def test_shape_and_dtype_stay(channels: int) -> None:
    pictures = np.zeros((2, 7, 11, channels), np.uint8)
    warped = Augmentation(20, 0.1, 6, 0.1, mirror=True).apply(pictures, np.random.default_rng(0))
    assert (warped.shape, warped.dtype) == (pictures.shape, np.uint8)


def test_the_original_is_not_touched() -> None:
    pictures = disc()
    before = pictures.copy()
    Augmentation(rotation=40, shift=0.2).apply(pictures, np.random.default_rng(0))
    assert np.array_equal(pictures, before)


def test_the_nearest_pixel_fills_what_comes_in() -> None:
    white = np.full((20, SIDE, SIDE, 3), 255, np.uint8)
    warped = Augmentation(40, 0.2, 11, 0.2).apply(white, np.random.default_rng(0))
    assert warped.min() == 255


@pytest.mark.parametrize(
    ("augmentation", "largest"),
    [(Augmentation(rotation=30), 30.0), (Augmentation(zoom=0.2), 0.2), (Augmentation(shift=0.25), 0.25)],
)
def test_chance_stays_within_its_bounds_and_uses_them(augmentation: Augmentation, largest: float) -> None:
    maps = augmentation.draw(np.random.default_rng(1), 400, 100, 100)
    if augmentation.rotation:
        drawn = [abs(np.rad2deg(np.arctan2(matrix[1, 0], matrix[0, 0]))) for matrix in maps]
    elif augmentation.zoom:
        drawn = [abs(matrix[axis, axis] - 1) for matrix in maps for axis in range(2)]
        assert any(abs(matrix[0, 0] - matrix[1, 1]) > 0.1 for matrix in maps)  # each axis for itself
    else:
        drawn = [abs(matrix[0, 2]) / 100 for matrix in maps]
    assert 0.9 * largest < max(drawn) <= largest + 1e-9


def test_the_centre_stays_where_it_is() -> None:
    (matrix,) = Augmentation(rotation=40, shear=11, zoom=0.2, mirror=True).draw(np.random.default_rng(0), 1, 51, 31)
    assert matrix @ [15, 25, 1] == pytest.approx([15, 25])


def test_a_turn_by_hand() -> None:
    # Read off a picture by eye: 90° about the centre moves the pixel right of it to below it.
    picture = np.zeros((1, 5, 5, 1), np.uint8)
    picture[0, 2, 3] = 200

    class Quarter(Augmentation):
        def draw(self, rng: np.random.Generator, count: int, height: int, width: int) -> np.ndarray:
            return super().draw(rng, count, height, width) * 0 + [[0, -1, 4], [1, 0, 0]]

    turned = Quarter().apply(picture, np.random.default_rng(0))
    assert np.argwhere(turned[0, :, :, 0]).tolist() == [[3, 2]]
