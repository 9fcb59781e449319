from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from edgeproof.edge.errors import InputError
from edgeproof.train.data.npz import open_npz

RNG = np.random.default_rng(0)
GRAY = RNG.integers(0, 256, (6, 5, 4), np.uint8)
RGB = RNG.integers(0, 256, (6, 5, 4, 3), np.uint8)
Y = np.array([0, 1, 2, 0, 1, 2])


def save(path: Path, **arrays: Any) -> Path:
    np.savez_compressed(path, **arrays)
    return path


def decoded(data: bytes) -> np.ndarray[Any, Any]:
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return picture


@pytest.mark.parametrize("x", [GRAY, GRAY[..., None]])
def test_gray_pictures_come_back(tmp_path: Path, x: Any) -> None:
    pictures = list(open_npz(save(tmp_path / "a.npz", x=x, y=Y)).sides["train"].pictures())
    for picture, pixels in zip(pictures, GRAY, strict=True):
        assert (decoded(picture.data) == pixels[..., None]).all()
    assert [picture.label for picture in pictures] == ["0", "1", "2"] * 2


def test_rgb_pictures_come_back(tmp_path: Path) -> None:
    pictures = list(open_npz(save(tmp_path / "a.npz", x=RGB, y=Y[:, None])).sides["train"].pictures())
    for picture, pixels in zip(pictures, RGB, strict=True):
        assert (decoded(picture.data) == pixels[..., ::-1]).all()


def test_both_sides_and_names(tmp_path: Path) -> None:
    path = save(
        tmp_path / "a.npz",
        x_train=RGB,
        y_train=Y.astype(">u2"),
        x_test=GRAY[:3],
        y_test=Y[:3].astype(np.int8),
        labels=np.array(["cat", "dog/wolf", "狐"]),
        notes=np.array([{}], object),  # what is not asked for is not read
    )
    source = open_npz(path)
    assert [picture.label for picture in source.sides["train"].pictures()] == ["cat", "dog-wolf", "狐"] * 2
    assert source.sides["validation"].count == 3


def test_numbers_that_leave_gaps_keep_their_order(tmp_path: Path) -> None:
    path = save(tmp_path / "a.npz", x=GRAY, y=[7, 112, 7, 112, 30, 30])
    assert sorted({p.label for p in open_npz(path).sides["train"].pictures()}) == ["007", "030", "112"]


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"images": GRAY}, "expected the arrays x_train and y_train, or x and y, received images"),
        ({"x": GRAY}, "expected the array y, received x"),
        ({"x_train": GRAY, "y_train": Y, "x_test": GRAY}, "expected the array y_test, received"),
        ({"x": GRAY.astype(np.float32) / 255, "y": Y}, r"expected x of uint8 .*, received float32 \(6, 5, 4\)"),
        ({"x": RGB.transpose(0, 3, 1, 2).copy(), "y": Y}, r"received uint8 \(6, 3, 5, 4\)"),
        ({"x": GRAY.reshape(6, 20), "y": Y}, r"received uint8 \(6, 20\)"),
        ({"x": GRAY[:0], "y": Y[:0]}, r"expected pictures of 1 to 8192 pixels a side, received x \(0, 5, 4\)"),
        ({"x": GRAY, "y": Y[:5]}, "received 6 in x and 5 in y"),
        ({"x": GRAY, "y": np.eye(3)[Y]}, r"expected y of integers \(n,\) or \(n, 1\), received float64 \(6, 3\)"),
        ({"x": GRAY, "y": np.eye(3, dtype=int)[Y]}, r"received int64 \(6, 3\)"),
        ({"x": GRAY, "y": np.int64(3)}, r"received int64 \(\)"),
        ({"x": GRAY, "y": Y - 1}, "expected class numbers from 0, received -1"),
        ({"x": GRAY, "y": Y, "labels": np.array(["a", "b"])}, "expected class numbers from 0 to 1, received 2"),
        ({"x": GRAY, "y": Y, "labels": Y}, r"expected labels of strings \(k,\), received int64"),
        ({"x": GRAY, "y": Y, "labels": np.array(["a", "b", "a"])}, "expected class names that differ, received 'a'"),
        ({"x": GRAY, "y": Y, "labels": np.array(["a", "..", "b"])}, r"that can name a folder, received '\.\.'"),
        ({"x": GRAY, "y": Y.astype(object)}, "received the Python objects y"),
        ({"x": np.asfortranarray(GRAY), "y": Y}, "expected x in C order"),
    ],
)
def test_what_is_something_else_is_one_line(tmp_path: Path, arrays: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        open_npz(save(tmp_path / "a.npz", **arrays))
    assert "\n" not in str(caught.value)
    assert "a.npz" in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"not a zip", b"PK\x03\x04 torn"])
def test_a_file_that_is_no_archive_is_one_line(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.npz").write_bytes(data)
    with pytest.raises(InputError, match=r"expected arrays as np.savez writes them, received .*; save it anew"):
        open_npz(tmp_path / "a.npz")


def test_an_array_shorter_than_its_head_says_is_refused(tmp_path: Path) -> None:
    whole = io.BytesIO()
    np.save(whole, GRAY)
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("x.npy", whole.getvalue()[:-1])
    with pytest.raises(InputError, match="expected x as long as its head says"):
        open_npz(tmp_path / "a.npz")


def test_flipped_pixels_break_the_checksum(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, x=GRAY, y=Y)
    data = path.read_bytes()
    path.write_bytes(data.replace(GRAY.tobytes(), (GRAY ^ 1).tobytes()))
    assert path.read_bytes() != data
    with pytest.raises(InputError, match="Bad CRC-32"):
        list(open_npz(path).sides["train"].pictures())
