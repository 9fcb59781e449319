from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from edgeproof.train.report.sheet import augmentation_sheet

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def flat(*colors: tuple[int, int, int], side: int = 112) -> np.ndarray:
    """One picture of a single colour each, in RGB."""
    return np.stack([np.full((side, side, 3), color, np.uint8) for color in colors])


def read_rgb(path: Path) -> np.ndarray:
    return cv2.imread(str(path), cv2.IMREAD_UNCHANGED)[..., ::-1]


def test_each_row_is_an_original_and_what_became_of_it(tmp_path: Path) -> None:
    path = tmp_path / "sheet.png"
    augmentation_sheet(flat(RED, GREEN), [flat(BLUE, RED), flat(GREEN, BLUE)], path)
    sheet = read_rgb(path)
    # Two rows, three columns, gaps of 4 around each and 12 more after the original.
    assert sheet.shape == (4 + 2 * 116, 4 + 3 * 116 + 12, 3)
    rows, columns = (60, 176), (60, 188, 304)
    colors = [[tuple(sheet[y, x].tolist()) for x in columns] for y in rows]
    assert colors == [[RED, BLUE, GREEN], [GREEN, RED, BLUE]]
    assert (sheet[:4] == 255).all()
    assert (sheet[:, 120:132] == 255).all()


def test_small_gray_pictures_are_enlarged_without_new_values(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 200, (3, 28, 28, 1), dtype=np.uint8)
    augmentation_sheet(pictures, [], tmp_path / "new/sheet.png")
    sheet = cv2.imread(str(tmp_path / "new/sheet.png"), cv2.IMREAD_UNCHANGED)
    assert sheet.shape == (4 + 3 * 116, 4 + 116)
    for index in range(3):
        top = 4 + 116 * index
        enlarged = sheet[top : top + 112, 4:116]
        for offset in range(4):
            assert np.array_equal(enlarged[offset::4, offset::4], pictures[index, ..., 0])


def test_large_pictures_stay_as_they_are(tmp_path: Path) -> None:
    augmentation_sheet(flat(RED, side=150), [flat(RED, side=150)], tmp_path / "sheet.png")
    assert read_rgb(tmp_path / "sheet.png").shape == (158, 4 + 2 * 154 + 12, 3)


@pytest.mark.parametrize(
    ("originals", "augmented"),
    [
        (flat(RED)[:0], []),
        (flat(RED)[0], []),
        (flat(RED), [flat(RED, RED)]),
        (flat(RED), [flat(RED).astype(np.float32)]),
        (np.zeros((1, 8, 8, 4), np.uint8), []),
    ],
)
def test_what_is_no_set_of_pictures_is_refused(
    tmp_path: Path, originals: np.ndarray, augmented: list[np.ndarray]
) -> None:
    with pytest.raises(ValueError, match="expected"):
        augmentation_sheet(originals, augmented, tmp_path / "sheet.png")
    assert not list(tmp_path.iterdir())
