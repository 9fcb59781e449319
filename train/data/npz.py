"""`.npz` files in Keras' convention: x_train, y_train, x_test and y_test, or x and y alone.

The arrays are read row by row, straight from the archive, so a file may be larger than the memory. Nothing is
unpickled.
"""

from __future__ import annotations

import math
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from ...edge.contract import LARGEST_SIDE
from ...edge.errors import InputError
from .arrays import MOST, ArrayRows, side_of
from .labels import class_names, names_of
from .source import TRAIN, VALIDATION, Source, fingerprint

SUFFIX = ".npz"

_WAYS = ({TRAIN: ("x_train", "y_train"), VALIDATION: ("x_test", "y_test")}, {TRAIN: ("x", "y")})
_NAMES = "labels"
_KNOWN = {_NAMES, *(name for way in _WAYS for pair in way.values() for name in pair)}
_HEADS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


@dataclass(frozen=True)
class _Head:
    """What the head of an array in the archive says."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]


def open_npz(path: Path) -> Source:
    """Open an .npz file.

    x is uint8 of shape (n, h, w) or (n, h, w, 1), gray, or (n, h, w, 3), RGB; y holds integers, (n,) or (n, 1), and
    `labels`, where present, is an array of strings that y counts through.

    Raises:
        InputError: the file is damaged, or an array is missing or something else.
    """
    with _opened(path) as archive:
        there = {name.removesuffix(".npy") for name in archive.namelist()}
        heads = {name: _head(archive, name, path) for name in sorted(there & _KNOWN)}
        pairs = _pairs(heads, there, path)
        for x, y in pairs.values():
            _check(x, y, path)
        numbers = {side: _array(archive, y).reshape(-1) for side, (_, y) in pairs.items()}
        given = _given_names(archive, heads[_NAMES], path) if _NAMES in heads else None
    names = names_of(numbers.values(), given, str(path))
    sides = {side: side_of(_rows(path, x), numbers[side], names) for side, (x, _) in pairs.items()}
    return Source(str(path), fingerprint(path), sides)


def _pairs(heads: dict[str, _Head], there: set[str], path: Path) -> dict[str, tuple[_Head, _Head]]:
    way = next((way for way in _WAYS if any(name in heads for name in way[TRAIN])), None)
    if way is None:
        received = ", ".join(sorted(there)) or "none"
        raise InputError(
            f"expected the arrays x_train and y_train, or x and y, received {received}: {path}; rename them"
        )
    found = {side: pair for side, pair in way.items() if any(name in heads for name in pair)}
    missing = [name for pair in found.values() for name in pair if name not in heads]
    if missing:
        raise InputError(f"expected the array {missing[0]}, received {', '.join(sorted(there))}: {path}; add it")
    return {side: (heads[x], heads[y]) for side, (x, y) in found.items()}


def _check(x: _Head, y: _Head, path: Path) -> None:
    gray_or_rgb = len(x.shape) == 3 or (len(x.shape) == 4 and x.shape[3] in (1, 3))
    if x.dtype != np.uint8 or not gray_or_rgb:
        raise InputError(
            f"expected {x.name} of uint8 (n, h, w), (n, h, w, 1) or (n, h, w, 3), received {x.dtype} {x.shape}: "
            f"{path}; save pixels from 0 to 255, the channels last"
        )
    if not all(0 < size <= most for size, most in zip(x.shape, (MOST, LARGEST_SIDE, LARGEST_SIDE), strict=False)):
        raise InputError(
            f"expected pictures of 1 to {LARGEST_SIDE} pixels a side, received {x.name} {x.shape}: {path}; save others"
        )
    if y.dtype.kind not in "iu" or not y.shape or y.shape[1:] not in ((), (1,)):
        raise InputError(
            f"expected {y.name} of integers (n,) or (n, 1), received {y.dtype} {y.shape}: {path}; save class numbers"
        )
    if x.shape[0] != y.shape[0]:
        raise InputError(
            f"expected as many class numbers as pictures, received {x.shape[0]} in {x.name} and {y.shape[0]} in "
            f"{y.name}: {path}; save both from the same pictures"
        )


def _given_names(archive: zipfile.ZipFile, head: _Head, path: Path) -> tuple[str, ...]:
    if head.dtype.kind != "U" or len(head.shape) != 1:
        raise InputError(
            f"expected {_NAMES} of strings (k,), received {head.dtype} {head.shape}: {path}; save np.array([…], str)"
        )
    return class_names([str(name) for name in _array(archive, head)], str(path))


def _head(archive: zipfile.ZipFile, name: str, path: Path) -> _Head:
    member = f"{name}.npy"
    with archive.open(member) as stream:
        shape, by_columns, dtype = _read_head(stream)
        promised = stream.tell() + math.prod(shape) * dtype.itemsize
    if dtype.hasobject:
        raise InputError(f"expected numbers or strings, received the Python objects {name}: {path}; save without them")
    if archive.getinfo(member).file_size != promised:
        raise InputError(f"expected {name} as long as its head says, received another length: {path}; save it anew")
    if by_columns and len(shape) > 1:
        raise InputError(
            f"expected {name} in C order, received Fortran order: {path}; save np.ascontiguousarray({name})"
        )
    return _Head(name, shape, dtype)


def _read_head(stream: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    version = npy.read_magic(stream)
    if version not in _HEADS:
        raise ValueError(f"an array of the unknown version {version}")
    return _HEADS[version](stream)


def _array(archive: zipfile.ZipFile, head: _Head) -> NDArray[Any]:
    with archive.open(f"{head.name}.npy") as stream:
        array: NDArray[Any] = npy.read_array(stream, allow_pickle=False)
    return array


def _rows(path: Path, head: _Head) -> ArrayRows:
    def rows() -> Iterator[NDArray[np.uint8]]:
        size = head.shape[1:]
        with _opened(path) as archive, archive.open(f"{head.name}.npy") as stream:
            _read_head(stream)
            for _ in range(head.shape[0]):
                yield np.frombuffer(stream.read(math.prod(size)), np.uint8).reshape(size)
            stream.read(1)  # the archive's checksum is looked at when the end is read

    return rows


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open the archive; what is wrong with it is one line."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (
        OSError,
        EOFError,
        ValueError,
        RuntimeError,
        KeyError,
        MemoryError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"expected arrays as np.savez writes them, received {reason}: {path}; save it anew") from error
