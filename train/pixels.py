"""The pictures of one side of the split, decoded once, as they will be learned from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..edge.console import Console
from ..edge.contract import ImageInput
from ..edge.folders import LabelledFile
from ..edge.pixel_set import decode_each, label_indices, require_classes
from .rows import Rows, make_rows


@dataclass(frozen=True)
class Side:
    """Samples with their labels: int64 of shape (n,), indices into the label list; `files` in the same order."""

    rows: Rows
    labels: NDArray[np.int64]
    files: tuple[LabelledFile, ...]

    def __len__(self) -> int:
        return len(self.files)


class _Chosen:
    """Some of the rows, as if they were all."""

    def __init__(self, rows: Rows, kept: Sequence[int]) -> None:
        self._rows, self._kept = rows, np.array(kept, np.intp)

    def __len__(self) -> int:
        return len(self._kept)

    def write(self, index: int, row: NDArray[Any]) -> None:
        """Keep one row."""
        self._rows.write(int(self._kept[index]), row)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of a row."""
        return self._rows.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of a row's values."""
        return self._rows.dtype

    def take(self, indices: NDArray[np.intp], out: NDArray[Any] | None = None) -> NDArray[Any]:
        """Copy rows."""
        return self._rows.take(self._kept[indices], out)


def decode_side(
    root: Path,
    files: Sequence[LabelledFile],
    labels: Sequence[str],
    spec: ImageInput,
    room: Path,
    console: Console,
    *,
    strict: bool,
) -> Side:
    """Decode and resize pictures to uint8 rows of `spec.shape`, in memory or, where they are too many, on disk.

    Args:
        root: the folder that the files' paths are relative to.
        files: what to read.
        labels: every label, in the order of the network's outputs.
        spec: the network's input.
        room: a folder on a disk with room for the pixels.
        console: where progress and warnings go.
        strict: end at the first unreadable picture.

    Raises:
        InputError: a picture cannot be read and `strict` is set, or a class has none that can.
    """
    rows = make_rows(len(files), spec.shape, np.uint8, room)
    kept = decode_each(root, files, spec, console, rows.write, strict=strict)
    readable = tuple(files[index] for index in kept)
    require_classes(readable, labels, root)
    return Side(rows if len(kept) == len(files) else _Chosen(rows, kept), label_indices(readable, labels), readable)
