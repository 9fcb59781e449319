"""Confusion before and after: the reference's beside the candidate's, with what changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ....workstation.pages.matrix import Cell, matrix
from ..report import Confusion

_MOST_CHANGES = 40  # of the kinds of answers, where a matrix is too large to be read


@dataclass(frozen=True)
class ChangedCell:
    """A cell of a matrix, and by how many pictures it differs from the other model's: +2, −1, or nothing."""

    cell: Cell
    change: str


@dataclass(frozen=True)
class ChangedRow:
    """The answers to the pictures of one class, of the reference and of the candidate."""

    label: str
    before: tuple[ChangedCell, ...]
    after: tuple[ChangedCell, ...]


@dataclass(frozen=True)
class Change:
    """Pictures of `label` answered as `answer`, how often by the reference and how often by the candidate."""

    label: str
    answer: str
    before: int
    after: int


def changed_rows(before: Confusion, after: Confusion, labels: Sequence[str]) -> tuple[ChangedRow, ...]:
    """Put two matrices of shape (classes, classes) side by side; none where they are too large to be read."""
    if not before or not after:
        return ()
    changes = np.subtract(after, before)
    return tuple(
        ChangedRow(
            first.label,
            tuple(ChangedCell(cell, "≠" if change else "") for cell, change in zip(first.cells, row, strict=True)),
            tuple(ChangedCell(cell, _signed(change)) for cell, change in zip(second.cells, row, strict=True)),
        )
        for first, second, row in zip(matrix(before, labels), matrix(after, labels), changes.tolist(), strict=False)
    )


def largest_changes(before: Confusion, after: Confusion, labels: Sequence[str]) -> tuple[Change, ...]:
    """List the kinds of answers whose counts changed most; none where nothing changed."""
    if not before or not after:
        return ()
    changes = np.subtract(after, before)
    places = sorted(zip(*np.nonzero(changes), strict=True), key=lambda place: (-abs(changes[place]), place))
    return tuple(Change(labels[i], labels[j], before[i][j], after[i][j]) for i, j in places[:_MOST_CHANGES])


def _signed(change: int) -> str:
    return f"{change:+,}".replace("-", "−") if change else ""
