"""Samples that were computed once and wait to be learned from: in memory, or in a file where they are too many."""

from __future__ import annotations

import os
import tempfile
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import DTypeLike, NDArray

_IN_MEMORY = 256 * 2**20  # bytes


class Rows(Protocol):
    """`count` arrays of one shape and dtype; rows may be written from several threads."""

    def __len__(self) -> int: ...

    def write(self, index: int, row: NDArray[Any]) -> None:
        """Keep one row."""
        ...

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of a row."""
        ...

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of a row's values."""
        ...

    def take(self, indices: NDArray[np.intp], out: NDArray[Any] | None = None) -> NDArray[Any]:
        """Copy rows, in the order of `indices`, to `out`, or to a new array, of shape (len(indices), *shape)."""
        ...


class MemoryRows:
    """Rows in memory."""

    def __init__(self, count: int, shape: Sequence[int], dtype: DTypeLike) -> None:
        self._rows = np.empty((count, *shape), dtype)

    def __len__(self) -> int:
        return len(self._rows)

    def write(self, index: int, row: NDArray[Any]) -> None:
        """Keep one row."""
        self._rows[index] = row

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of a row."""
        return self._rows.shape[1:]

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of a row's values."""
        return self._rows.dtype

    def take(self, indices: NDArray[np.intp], out: NDArray[Any] | None = None) -> NDArray[Any]:
        """Copy rows."""
        # With `out`, numpy's default mode makes a copy first, to leave it untouched on an error.
        return self._rows[indices] if out is None else np.take(self._rows, indices, axis=0, out=out, mode="wrap")


class FileRows:
    """Rows in a file without a name, which vanishes with the process, however that ends.

    Read and written by position instead of mapped: the pages of a mapping count as the process' own memory.
    """

    def __init__(self, count: int, shape: Sequence[int], dtype: DTypeLike, folder: Path) -> None:
        self._count, self.shape, self.dtype = count, tuple(shape), np.dtype(dtype)
        self._bytes = int(np.prod(self.shape)) * self.dtype.itemsize
        self._file, name = tempfile.mkstemp(dir=folder)
        weakref.finalize(self, os.close, self._file)
        Path(name).unlink()
        # Reserved at once, so that a full disk is found before hours of work, not after.
        os.posix_fallocate(self._file, 0, max(1, count * self._bytes))

    def __len__(self) -> int:
        return self._count

    def write(self, index: int, row: NDArray[Any]) -> None:
        """Keep one row."""
        _all(os.pwrite(self._file, np.ascontiguousarray(row, self.dtype).data, index * self._bytes), self._bytes)

    def take(self, indices: NDArray[np.intp], out: NDArray[Any] | None = None) -> NDArray[Any]:
        """Copy rows."""
        rows = np.empty((len(indices), *self.shape), self.dtype) if out is None else out
        for row, index in zip(rows, indices, strict=True):
            _all(os.preadv(self._file, [row], int(index) * self._bytes), self._bytes)
        return rows


def _all(done: int, wanted: int) -> None:
    if done != wanted:
        raise OSError(f"expected {wanted} bytes of a sample, received {done}")


def make_rows(count: int, shape: Sequence[int], dtype: DTypeLike, folder: Path, limit: int = _IN_MEMORY) -> Rows:
    """Make room for rows: in memory up to `limit` bytes, beyond it in a file in `folder`.

    Raises:
        OSError: the disk is full.
    """
    if count * int(np.prod(shape)) * np.dtype(dtype).itemsize <= limit:
        return MemoryRows(count, shape, dtype)
    return FileRows(count, shape, dtype, folder)
