"""How far two machines' answers lie apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FLOAT_LIMIT = 1e-5  # a sum that is added in another order differs in its last bits
# Steps (by how their names begin) that OpenCV has no exact form of, and how many of 255 they may differ by.
PIXEL_LIMITS = {"area": 1.0, "hands drawn": 2.0}


@dataclass(frozen=True)
class Row:
    """One comparison: `unequal` of `n` samples differ, by `largest` at most, where `limit` is allowed."""

    name: str
    n: int
    unequal: int
    largest: float
    limit: float
    worst: str

    @property
    def holds(self) -> bool:
        """Tell whether the machines agree; NaN is no agreement."""
        return self.largest <= self.limit


def scores(
    name: str, here: NDArray[np.floating], there: NDArray[np.floating], limit: float, differ: NDArray[np.bool_]
) -> list[Row]:
    """Compare the scores of one model, apart where its input tensors were the same and where they were not.

    Args:
        name: what to call the model.
        here: scores of shape (samples, units), from this machine.
        there: the same from the board.
        limit: the largest difference allowed.
        differ: whether the machines made different input tensors, shape (samples,).
    """
    apart = np.abs(here.astype(np.float64) - there).max(axis=1)
    rows = [_row(f"{name}: input tensors", differ.astype(np.float64), 0.0)]
    for words, chosen in (("", ~differ), (" where the tensors differ", differ)):
        if chosen.any():
            rows.append(_row(f"{name}: scores{words}", apart[chosen], limit))
    return rows


def pixels(here: Mapping[str, NDArray[np.uint8]], there: Mapping[str, NDArray[np.uint8]]) -> list[Row]:
    """Compare arrays of pixels by "step: sample", a row for each step; differences are of 0..255."""
    steps: dict[str, dict[str, float]] = {}
    for name in here:
        step, sample = name.split(": ")
        steps.setdefault(step, {})[sample] = float(np.abs(here[name].astype(np.int16) - there[name]).max())
    return [_step(step, apart) for step, apart in steps.items()]


def _step(step: str, apart: dict[str, float]) -> Row:
    worst = max(apart, key=apart.__getitem__)
    unequal = sum(value != 0 for value in apart.values())
    limit = next((limit for start, limit in PIXEL_LIMITS.items() if step.startswith(start)), 0.0)
    return Row(step, len(apart), unequal, apart[worst], limit, worst if unequal else "")


def _row(name: str, apart: NDArray[np.float64], limit: float) -> Row:
    return Row(name, len(apart), int((apart != 0).sum()), float(apart.max()), limit, _first(apart))


def _first(apart: NDArray[np.generic]) -> str:
    return f"sample {int(apart.argmax())}" if apart.any() else ""
