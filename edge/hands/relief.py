"""The relief of a hand: its parts rasterised to heights and coverage."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from .parts import Part
from .placement import SUBPIXEL_BITS, pixels_per_unit, to_fixed_point
from .plane import Bytes, Floats

# Shrunk outlines stack up to a round relief; a wide part needs more of them to show no terraces.
_RIMS = tuple(np.cos(np.linspace(0.0, 0.44 * np.pi, steps)) for steps in (6, 13))
_WIDE = 0.08
_ARC = 2 * np.pi * np.arange(14) / 14
_UNIT_CIRCLE = np.stack([np.cos(_ARC), np.sin(_ARC)], 1)
_LEVELS_PER_UNIT = 1000.0
_SLEEVE_LAYER = 99  # over every other


class Relief(NamedTuple):
    """Rasterised hand: height in pixels (float32), coverage of skin and sleeve (uint8, 0..255), all (height, width)."""

    height: Floats
    mask: Bytes
    sleeve: Bytes


def rasterise(parts: Sequence[Part], sleeve: Part | None, matrix: NDArray[np.float64], size: tuple[int, int]) -> Relief:
    """Draw parts as a relief.

    Args:
        parts: parts of hand and forearm in the hand frame.
        sleeve: part to be drawn over them and recorded apart, or None.
        matrix: (2, 3) map from the hand frame to pixels.
        size: height and width, pixels.

    Returns:
        The relief; its height is not yet smoothed.
    """
    relief, mask, cover = (np.zeros(size, np.uint8) for _ in range(3))
    outlines = [(part, _outlines(part, matrix)) for part in (*parts, *([sleeve] if sleeve else []))]
    jobs = [
        ((_SLEEVE_LAYER if part is sleeve else part.layer), part.base + (part.top - part.base) * _rise(rim), outline)
        for part, levels in outlines
        for rim, outline in zip(_rim(part), levels, strict=True)
    ]
    for _, rise, outline in sorted(jobs, key=lambda job: job[:2]):
        _fill(relief, outline, min(255.0, rise * _LEVELS_PER_UNIT))
    for part, levels in outlines:
        _fill(cover if part is sleeve else mask, levels[0], 255)
    height = relief.astype(np.float32) * np.float32(pixels_per_unit(matrix) / _LEVELS_PER_UNIT)
    return Relief(height, mask | cover, cover)


def _rim(part: Part) -> NDArray[np.float64]:
    return _RIMS[max(radius for _, _, radius in part.circles) > _WIDE]


def _rise(rim: float) -> float:
    # The outermost ring stands a little above the table, so that the outline itself is not lost.
    return math.sqrt(1 - (0.92 * rim) ** 2)


def _outlines(part: Part, matrix: NDArray[np.float64]) -> list[NDArray[np.int32]]:
    circles = np.array(part.circles)
    rim = _rim(part)
    points = circles[None, :, None, :2] + rim[:, None, None, None] * circles[None, :, None, 2:] * _UNIT_CIRCLE
    fixed = to_fixed_point(points.reshape(len(rim), -1, 2), matrix)
    return [np.asarray(cv2.convexHull(level), np.int32) for level in fixed]


def _fill(image: Bytes, outline: NDArray[np.int32], value: float) -> None:
    cv2.fillConvexPoly(image, outline, (value,), cv2.LINE_AA, SUBPIXEL_BITS)
