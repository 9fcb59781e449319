"""The confusion matrix as a table for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .words import percent

_MOST_CLASSES = 40  # beyond that nobody reads a matrix
_MOST_CONFUSIONS = 40
_DARKEST = 0.5  # opacity of the shade under which text still stands out


@dataclass(frozen=True)
class Cell:
    """How many pictures of the row's class were answered as the column's, and their share of the row in words.

    `shade` is the opacity of the cell's colour, and `right` tells the diagonal from the mistakes.
    """

    count: int
    share: str
    shade: str
    right: bool


@dataclass(frozen=True)
class Row:
    """The answers to the pictures of one class."""

    label: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Confusion:
    """One kind of mistake: pictures of `label` answered as `answer`, and their share of the label's pictures."""

    label: str
    answer: str
    count: int
    share: str


def matrix(confusion: Sequence[Sequence[int]], labels: Sequence[str]) -> tuple[Row, ...]:
    """Make the cells of a confusion matrix of shape (classes, classes); none where it is too large to be read."""
    if len(labels) > _MOST_CLASSES:
        return ()
    return tuple(
        Row(label, tuple(_cell(count, sum(counts), i == j) for j, count in enumerate(counts)))
        for i, (label, counts) in enumerate(zip(labels, confusion, strict=bool(confusion)))
    )


def confusions(confusion: Sequence[Sequence[int]], labels: Sequence[str]) -> tuple[Confusion, ...]:
    """List the most frequent kinds of mistakes, in the place of a matrix that is too large to be read."""
    if len(labels) <= _MOST_CLASSES:
        return ()
    kinds = [(count, i, j) for i, counts in enumerate(confusion) for j, count in enumerate(counts) if count and i != j]
    kinds.sort(key=lambda kind: (-kind[0], kind[1:]))
    return tuple(
        Confusion(labels[i], labels[j], count, percent(count / sum(confusion[i]), 0))
        for count, i, j in kinds[:_MOST_CONFUSIONS]
    )


def _cell(count: int, total: int, right: bool) -> Cell:
    share = count / total if total else 0.0
    # The root makes the few mistakes of a good network visible beside its many right answers.
    return Cell(count, percent(share, 0), f"{_DARKEST * share**0.5:.3f}", right)
