"""Folders of IDX files, the format of MNIST and Fashion-MNIST (Y. LeCun, "The MNIST database").

A file is two bytes of 0, the number type (8 is uint8), the number of dimensions, each dimension as a big-endian
uint32, and the values. All of it is checked: a file that is shorter or longer than its head says is refused.
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

import numpy as np
from numpy.typing import NDArray

from ...edge.contract import LARGEST_SIDE
from ...edge.errors import InputError
from .arrays import MOST, ArrayRows, side_of
from .labels import FASHION_MNIST, names_of
from .source import TRAIN, VALIDATION, Source, fingerprint

_PREFIXES = {TRAIN: "train", VALIDATION: "t10k"}
_IMAGES, _LABELS = "images-idx3-ubyte", "labels-idx1-ubyte"
_UINT8 = 8
_DIMENSIONS = {_IMAGES: (MOST, LARGEST_SIDE, LARGEST_SIDE), _LABELS: (MOST,)}  # the most of each
_AGAIN = "get the file anew"


def is_idx(folder: Path) -> bool:
    """Tell whether a folder holds files by the names of MNIST."""
    kinds = [(prefix, kind) for prefix in _PREFIXES.values() for kind in (_IMAGES, _LABELS)]
    return any(_find(folder, prefix, kind) is not None for prefix, kind in kinds)


def open_idx(folder: Path) -> Source:
    """Open a folder of IDX files; train-… is the training side, t10k-… the validation side, and one is enough.

    The files of MNIST and Fashion-MNIST have the same names and hold no class names: those of Fashion-MNIST are taken
    where the name of the folder or of the one around it contains "fashion", numbers elsewhere.

    Raises:
        InputError: a file is missing or damaged, or pictures and labels do not belong together.
    """
    pairs = {side: _pair(folder, prefix) for side, prefix in _PREFIXES.items() if _any(folder, prefix)}
    numbers = {side: _numbers(*pair) for side, pair in pairs.items()}
    fashion = any("fashion" in part.lower() for part in folder.parts[-2:])
    names = names_of(numbers.values(), FASHION_MNIST if fashion else None, str(folder))
    sides = {side: side_of(_rows(pairs[side][0]), numbers[side], names) for side in pairs}
    files = [path for pair in pairs.values() for path in pair]
    return Source(str(folder), fingerprint(*files, repr(names)), sides)


def _any(folder: Path, prefix: str) -> bool:
    return any(_find(folder, prefix, kind) is not None for kind in (_IMAGES, _LABELS))


def _find(folder: Path, prefix: str, kind: str) -> Path | None:
    candidates = (folder / f"{prefix}-{kind}", folder / f"{prefix}-{kind}.gz")
    return next((path for path in candidates if path.is_file()), None)


def _pair(folder: Path, prefix: str) -> tuple[Path, Path]:
    images, labels = _find(folder, prefix, _IMAGES), _find(folder, prefix, _LABELS)
    if images is None or labels is None:
        missing = _IMAGES if images is None else _LABELS
        raise InputError(f"expected {prefix}-{missing} or {prefix}-{missing}.gz, received neither: {folder}; add it")
    return images, labels


def _numbers(images: Path, labels: Path) -> NDArray[np.uint8]:
    count = _shape(images, _IMAGES)[0]
    received = _shape(labels, _LABELS)[0]
    if received != count:
        raise InputError(f"expected {count} labels for {count} pictures, received {received}: {labels}; {_AGAIN}")
    return np.frombuffer(b"".join(_values(labels, _LABELS)), np.uint8)


def _rows(path: Path) -> ArrayRows:
    def rows() -> Iterator[NDArray[np.uint8]]:
        size = _shape(path, _IMAGES)[1:]
        for data in _values(path, _IMAGES):
            yield np.frombuffer(data, np.uint8).reshape(size)

    return rows


def _shape(path: Path, kind: str) -> tuple[int, ...]:
    with _opened(path) as stream:
        return _head(stream, path, kind)


def _values(path: Path, kind: str) -> Iterator[bytes]:
    """Read what belongs to each step along the first dimension, to exactly the file's end."""
    with _opened(path) as stream:
        count, *size = _head(stream, path, kind)
        for index in range(count):
            data = stream.read(math.prod(size))
            if len(data) < math.prod(size):
                raise InputError(f"expected {count} values as its head says, received {index}: {path}; {_AGAIN}")
            yield data
        if stream.read(1):
            raise InputError(f"expected {count} values as its head says, received more: {path}; {_AGAIN}")


def _head(stream: IO[bytes], path: Path, kind: str) -> tuple[int, ...]:
    most = _DIMENSIONS[kind]
    magic = bytes((0, 0, _UINT8, len(most)))
    received = stream.read(4)
    if received != magic:
        begin = received.hex() or "nothing"
        raise InputError(f"expected an IDX file that begins with {magic.hex()}, received {begin}: {path}; {_AGAIN}")
    data = stream.read(4 * len(most))
    if len(data) < 4 * len(most):
        raise InputError(f"expected {len(most)} dimensions, received a file that ends before: {path}; {_AGAIN}")
    shape: tuple[int, ...] = struct.unpack(f">{len(most)}I", data)
    if not all(0 < size <= limit for size, limit in zip(shape, most, strict=True)):
        raise InputError(f"expected dimensions from 1 to {most}, received {shape}: {path}; {_AGAIN}")
    return shape


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    """Open a file, packed or not; what is wrong with the packing is one line too."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
            yield cast("IO[bytes]", stream)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"expected an IDX file, received {error}: {path}; {_AGAIN}") from error
