"""The strokes on a hand's skin: folds, nails, palm lines and hairs."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from .parts import EXTENDED, Circle, joints
from .placement import SUBPIXEL_BITS, pixels_per_unit, to_fixed_point
from .plane import Floats, Point
from .pose import BACK, PALM, Pose


class Stroke(NamedTuple):
    """Line on the skin: corners in the hand frame, width in hand lengths, and how much lighter (>0) or darker."""

    points: tuple[Point, ...]
    width: float
    tone: float


def strokes_of(label: str, pose: Pose, hairs: int, rng: np.random.Generator) -> list[Stroke]:
    """Choose the strokes of a hand.

    Args:
        label: one of `LABELS`.
        pose: how the hand is held.
        hairs: number of hairs on the back of the hand and the forearm.
        rng: source of the lines' jitter.

    Returns:
        Strokes in the hand frame.
    """
    strokes: list[Stroke] = []
    for finger in EXTENDED[label]:
        strokes += _finger_strokes(joints(pose, finger), pose.view)
    if pose.view == PALM and label == "paper":
        strokes += [
            Stroke(((0.44, 0.16), (0.36, 0.07), (0.2, 0.02), (0.08, 0.03)), 0.012, -0.3),
            Stroke(((0.44, 0.16), (0.38, 0.04), (0.33, -0.1)), 0.01, -0.25),
            Stroke(((0.47, 0.07), (0.42, 0.0), (0.42, -0.16)), 0.01, -0.25),
        ]
    if pose.view != PALM:
        roots = rng.uniform((-1.2, -0.15), (0.4, 0.15), (hairs, 2))
        ends = roots + rng.normal((-0.03, -0.05), (0.02, 0.02), (hairs, 2))
        strokes += [
            Stroke(((a, b), (c, d)), 0.003, -0.3) for (a, b), (c, d) in zip(roots.tolist(), ends.tolist(), strict=True)
        ]
    return strokes


def _finger_strokes(circles: tuple[Circle, ...], view: str) -> Iterable[Stroke]:
    for (x0, y0, _), (x, y, r) in pairwise(circles[:3]):
        along = np.array([x - x0, y - y0]) / np.hypot(x - x0, y - y0)
        across = 0.6 * r * np.array([-along[1], along[0]])
        for shift in (-0.25 * r, 0.25 * r):
            middle = np.array([x, y]) + shift * along
            (ax, ay), (bx, by) = (middle - across).tolist(), (middle + across).tolist()
            yield Stroke(((ax, ay), (bx, by)), 0.008, -0.14)
    if view == BACK:
        (x0, y0, _), (x, y, r) = circles[2:]
        yield Stroke(((x + 0.12 * (x - x0), y + 0.12 * (y - y0)), (x - 0.15 * (x - x0), y - 0.15 * (y - y0))), r, 0.16)


def draw_strokes(strokes: Iterable[Stroke], matrix: NDArray[np.float64], size: tuple[int, int]) -> Floats:
    """Draw strokes.

    Args:
        strokes: strokes in the hand frame.
        matrix: (2, 3) map from the hand frame to pixels.
        size: height and width, pixels.

    Returns:
        Factor (height, width), float32, 1 where the skin is plain.
    """
    layer = np.full(size, 128, np.uint8)
    scale = pixels_per_unit(matrix)
    for stroke in strokes:
        fixed = to_fixed_point(np.array(stroke.points), matrix)
        thickness = max(1, round(stroke.width * scale))
        # A line cannot be thinner than a pixel, so a finer one is drawn fainter.
        tone = stroke.tone * min(1.0, stroke.width * scale)
        cv2.polylines(layer, [fixed], False, (128 * (1 + tone),), thickness, cv2.LINE_AA, SUBPIXEL_BITS)
    return np.asarray(layer * np.float32(1 / 128), np.float32)
