from __future__ import annotations

import gzip
import struct
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from edgeproof.edge.errors import InputError
from edgeproof.train.data.idx import is_idx, open_idx
from edgeproof.train.data.source import Source

WriteIdx = Callable[[Path, Any], Path]

PIXELS = np.random.default_rng(0).integers(0, 256, (6, 5, 4), np.uint8)
NUMBERS = np.array([0, 3, 0, 3, 11, 3], np.uint8)
IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"


@pytest.fixture
def folder(tmp_path: Path, write_idx: WriteIdx) -> Path:
    write_idx(tmp_path / "digits" / IMAGES, PIXELS)
    write_idx(tmp_path / "digits" / LABELS, NUMBERS)
    return tmp_path / "digits"


def read_all(source: Source) -> dict[str, list[str]]:
    return {name: [picture.label for picture in side.pictures()] for name, side in source.sides.items()}


def test_real_files_are_read_bit_by_bit(mini: Path) -> None:
    source = open_idx(mini)
    for name, prefix, count in (("train", "train", 700), ("validation", "t10k", 200)):
        # Independent of our reader: the format has a head of 16 bytes, then the pixels.
        raw = gzip.decompress((mini / f"{prefix}-images-idx3-ubyte.gz").read_bytes())
        pictures = list(source.sides[name].pictures())
        assert len(pictures) == source.sides[name].count == count
        for index in (0, 1, count - 1):
            decoded = cv2.imdecode(np.frombuffer(pictures[index].data, np.uint8), cv2.IMREAD_UNCHANGED)
            assert decoded is not None
            assert decoded.tobytes() == raw[16 + 784 * index : 16 + 784 * (index + 1)]
        assert Counter(picture.label for picture in pictures)["T-shirt-top"] == count // 10
    number = gzip.decompress((mini / "train-labels-idx1-ubyte.gz").read_bytes())[8]
    names = ["T-shirt-top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle-boot"]
    assert next(source.sides["train"].pictures()).label == names[number]


def test_numbers_are_padded_where_there_are_no_names(folder: Path) -> None:
    assert read_all(open_idx(folder)) == {"train": ["00", "03", "00", "03", "11", "03"]}


def test_packed_and_plain_files_are_the_same(folder: Path, tmp_path: Path, write_idx: WriteIdx) -> None:
    write_idx(tmp_path / "packed" / f"{IMAGES}.gz", PIXELS)
    write_idx(tmp_path / "packed" / f"{LABELS}.gz", NUMBERS)
    plain, packed = (list(open_idx(path).sides["train"].pictures()) for path in (folder, tmp_path / "packed"))
    assert plain == packed


def test_other_contents_have_another_digest(folder: Path, write_idx: WriteIdx) -> None:
    before = open_idx(folder).digest
    assert open_idx(folder).digest == before
    write_idx(folder / IMAGES, PIXELS ^ 1)
    assert open_idx(folder).digest != before


def test_a_folder_is_known_by_its_names(folder: Path, tmp_path: Path) -> None:
    assert is_idx(folder)
    assert not is_idx(tmp_path)


def test_a_missing_companion_is_named(folder: Path) -> None:
    (folder / LABELS).unlink()
    with pytest.raises(
        InputError, match=r"expected train-labels-idx1-ubyte or train-labels-idx1-ubyte\.gz, received n"
    ):
        open_idx(folder)


def test_numbers_without_a_fashion_name_are_refused(tmp_path: Path, write_idx: WriteIdx) -> None:
    write_idx(tmp_path / "fashion" / IMAGES, PIXELS)
    write_idx(tmp_path / "fashion" / LABELS, NUMBERS)
    with pytest.raises(InputError, match="expected class numbers from 0 to 9, received 11"):
        open_idx(tmp_path / "fashion")


def test_labels_of_another_set_are_refused(folder: Path, write_idx: WriteIdx) -> None:
    write_idx(folder / LABELS, NUMBERS[:5])
    with pytest.raises(InputError, match="expected 6 labels for 6 pictures, received 5"):
        open_idx(folder)


GOOD = struct.pack(">BBBB3I", 0, 0, 8, 3, 6, 5, 4) + PIXELS.tobytes()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "begins with 00000803, received nothing"),
        (b"\x89PNG" + GOOD, "begins with 00000803, received 89504e47"),
        (b"\0\0\x0d\x03" + GOOD[4:], "begins with 00000803, received 00000d03"),  # float32
        (b"\0\0\x08\x01" + GOOD[4:], "begins with 00000803, received 00000801"),
        (GOOD[:9], "expected 3 dimensions, received a file that ends before"),
        (GOOD[:-1], "expected 6 values as its head says, received 5"),
        (GOOD + b"\0", "expected 6 values as its head says, received more"),
        (struct.pack(">BBBB3I", 0, 0, 8, 3, 6, 2**32 - 1, 2**32 - 1), r"received \(6, 4294967295, 4294967295\)"),
        (struct.pack(">BBBB3I", 0, 0, 8, 3, 6, 0, 4), r"received \(6, 0, 4\)"),
        (struct.pack(">BBBB3I", 0, 0, 8, 3, 6, 8192, 8192), "expected 6 values as its head says, received 0"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_a_file_that_lies_is_one_line(folder: Path, data: bytes, message: str, packed: bool) -> None:
    (folder / IMAGES).unlink()
    path = folder / (f"{IMAGES}.gz" if packed else IMAGES)
    path.write_bytes(gzip.compress(data) if packed else data)
    with pytest.raises(InputError, match=message) as caught:
        read_all(open_idx(folder))
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("damage", [lambda d: d[:-9], lambda d: b"no gzip" + d, lambda d: d[:40] + b"\xff\0" + d[42:]])
def test_damaged_packing_is_one_line(folder: Path, damage: Callable[[bytes], bytes]) -> None:
    (folder / IMAGES).unlink()
    (folder / f"{IMAGES}.gz").write_bytes(damage(gzip.compress(GOOD)))
    with pytest.raises(InputError, match=r"expected an IDX file, received .*; get the file anew"):
        read_all(open_idx(folder))
