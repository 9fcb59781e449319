"""How far one input tensor is from another, and what a person calls such a difference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..contract import ImageInput, Layout
from .expected import Tensor

_FEW = 16  # levels that rounding or another resize explain
_FURTHEST = 2  # pixels of a shift that is looked for
_LIKE = 1e-3  # of a factor, or of the range
_STEPS = 0.51  # of a stored integer, which was rounded


@dataclass(frozen=True)
class Difference:
    """How far a tensor is off, in levels of a pixel (of 255): the largest, the mean, and which share differs."""

    largest: float
    mean: float
    share: float

    def __str__(self) -> str:
        return f"by up to {self.largest:.3g} level(s), {self.mean:.2g} on average, in {self.share:.1%} of the values"


def difference(tensor: Tensor, wanted: Tensor, spec: ImageInput) -> Difference:
    """Measure how far a tensor is from the one wanted, both of shape (1, *spec.tensor_shape)."""
    apart = np.abs(tensor.astype(np.float64) - wanted.astype(np.float64)) / _level(spec)
    return Difference(float(apart.max()), float(apart.mean()), float((apart > 0).mean()))


def describe(tensor: Tensor, wanted: Tensor, spec: ImageInput, opencv: str) -> str:
    """Word the difference of a device's tensor from the workstation's; `opencv` is the version here."""
    if not np.isfinite(tensor.astype(np.float64)).all():
        return "values are no finite numbers"
    found = difference(tensor, wanted, spec)
    if found.largest <= _FEW:
        return f"resize of OpenCV {opencv} differs, {found}"
    if (scaled := _scaled(tensor, wanted, spec)) is not None:
        return scaled
    if (shifted := _shifted(tensor, wanted, spec)) is not None:
        return shifted
    return f"the tensor differs {found}"


def _level(spec: ImageInput) -> float:
    """Give what one level of a pixel is in the tensor's own values."""
    low, high = spec.range
    return (high - low) / 255 / (spec.quantization.scale if spec.quantization else 1.0)


def _scaled(tensor: Tensor, wanted: Tensor, spec: ImageInput) -> str | None:
    """Find the line that turns the wanted values into those here: another range."""
    x, y = wanted.astype(np.float64).ravel(), tensor.astype(np.float64).ravel()
    if x.std() == 0 or y.std() == 0:
        return None
    factor = float(((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum())
    offset = float(y.mean() - factor * x.mean())
    allowed = _STEPS if spec.quantization else _LIKE * float(np.ptp(y))
    if np.abs(factor * x + offset - y).max() > allowed:
        return None
    return f"values are {factor:.4g} × the workstation's {'+' if offset >= 0 else '−'} {abs(offset):.4g}: another range"


def _shifted(tensor: Tensor, wanted: Tensor, spec: ImageInput) -> str | None:
    """Find a shift by whole pixels, under which all but the border is equal."""
    here, there = _rows(tensor, spec), _rows(wanted, spec)
    steps = range(-_FURTHEST, _FURTHEST + 1)
    for down, right in sorted(((y, x) for y in steps for x in steps), key=lambda step: abs(step[0]) + abs(step[1])):
        moved, kept = _overlap(here, down, right), _overlap(there, -down, -right)
        if moved.size and np.array_equal(moved, kept):
            ways = (_way(right, "to the right", "to the left"), _way(down, "down", "up"))
            return f"the picture is shifted {' and '.join(way for way in ways if way)}"
    return None


def _way(pixels: int, there: str, back: str) -> str:
    return f"by {abs(pixels)} pixel(s) {there if pixels > 0 else back}" if pixels else ""


def _rows(tensor: Tensor, spec: ImageInput) -> Tensor:
    return tensor[0] if spec.layout is Layout.NHWC else np.moveaxis(tensor[0], 0, -1)


def _overlap(picture: Tensor, down: int, right: int) -> NDArray[np.generic]:
    """Cut off what a shift by (down, right) pixels has moved in from outside."""
    height, width = picture.shape[:2]
    rows = slice(max(down, 0), height + min(down, 0))
    columns = slice(max(right, 0), width + min(right, 0))
    return picture[rows, columns]
