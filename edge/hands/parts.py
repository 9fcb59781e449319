"""The parts of a hand: convex hulls of circles along the fingers, the thumb, the palm and the forearm."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from .plane import Point
from .pose import BACK, PALM, SIDE, Pose

Circle = tuple[float, float, float]  # x, y, radius in the hand frame

# Fingers that stand out, 0 index to 3 little.
EXTENDED: dict[str, tuple[int, ...]] = {"rock": (), "scissors": (0, 1), "paper": (0, 1, 2, 3)}

_KNUCKLES: tuple[Point, ...] = ((0.51, 0.135), (0.53, 0.045), (0.505, -0.045), (0.455, -0.128))
_FINGER_LENGTHS = (0.43, 0.48, 0.45, 0.35)
_FINGER_RADII = (0.053, 0.055, 0.052, 0.045)
_PHALANGES = (0.47, 0.29, 0.24)  # share of the finger's length
_TAPER = (1.08, 0.98, 0.88, 0.78)  # radius at knuckle, middle joint, end joint and tip, in finger radii
_THUMB_ROOT = (0.1, 0.085)
_PALM_TOP, _FINGER_TOP, _FOREARM_TOP, _OVERLAY_BASE = 0.11, 0.1, 0.12, 0.075  # heights over the table

_UNDER, _MAIN, _OVER = 0, 10, 20  # layers: a later layer covers an earlier one, parts within a layer melt together


class Part(NamedTuple):
    """Convex hull of circles, domed from `base` at its outline to `top` in its middle (heights in hand lengths)."""

    circles: tuple[Circle, ...]
    top: float
    layer: int = _MAIN
    base: float = 0.0


def parts_of(label: str, pose: Pose) -> list[Part]:
    """Build the hand and forearm of a pose.

    Args:
        label: one of `LABELS`.
        pose: how the hand is held.

    Returns:
        Parts in the hand frame, forearm first, in no particular drawing order: their layers say it.
    """
    parts = [_forearm(pose)]
    if pose.view == SIDE:
        return parts + _side_fist(pose)
    parts += _palm(pose)
    for finger in range(len(_KNUCKLES)):
        parts += _extended(pose, finger) if finger in EXTENDED[label] else _curled(pose, finger)
    return parts + _thumb(label, pose)


def sleeve_of(pose: Pose) -> Part | None:
    """Build the sleeve of a pose, or None for a bare arm."""
    return _forearm(pose, pose.sleeve, 1.25) if pose.sleeve >= 0 else None


def _forearm(pose: Pose, start: float = 0.0, looseness: float = 1.0) -> Part:
    """Forearm (or a sleeve around it) from `start` hand lengths behind the wrist to far outside any picture."""
    angle = np.deg2rad(180 + pose.wrist)
    radii = ((0.0, 0.122), (0.9, 0.185), (6.0, 0.2))
    stations = [(max(distance, start), radius) for distance, radius in radii if distance >= start] or [radii[-1]]
    if stations[0][0] > start:
        share = start / 0.9
        stations.insert(0, (start, 0.122 + share * (0.185 - 0.122)))
    circles = tuple(
        (float(d * np.cos(angle)), float(d * np.sin(angle)), r * pose.forearm * looseness) for d, r in stations
    )
    return Part(circles, _FOREARM_TOP * looseness)


def _palm(pose: Pose) -> list[Part]:
    heel = ((0.04, 0.055, 0.085), (0.04, -0.055, 0.085), (0.2, -0.09, 0.108), (0.24, 0.07, 0.11))
    front = [(x - 0.02, y * 0.96, 0.066) for x, y in _KNUCKLES]
    palm = Part(tuple((x, y * pose.palm, r) for x, y, r in (*heel, *front)), _PALM_TOP)
    if pose.view == PALM:
        pads = [Part(((0.16, 0.1, 0.09), (0.3, 0.12, 0.05)), _PALM_TOP + 0.02)]
        return [palm, *pads, Part(((0.12, -0.1 * pose.palm, 0.07), (0.32, -0.13 * pose.palm, 0.05)), _PALM_TOP + 0.012)]
    # Knuckles and the tendons that run to them.
    knuckles = [Part(((x - 0.01, y * pose.palm, 0.05),), _PALM_TOP + 0.014 * pose.curl) for x, y in _KNUCKLES]
    tendons = [Part(((0.12, 0.3 * y, 0.03), (x - 0.03, y * pose.palm, 0.028)), _PALM_TOP + 0.007) for x, y in _KNUCKLES]
    return [palm, *knuckles, *tendons]


def joints(pose: Pose, finger: int) -> tuple[Circle, ...]:
    """Circles at knuckle, middle joint, end joint and tip of an extended finger (0 index to 3 little)."""
    x, y = _KNUCKLES[finger]
    radius = _FINGER_RADII[finger] * pose.girth
    length = _FINGER_LENGTHS[finger] * pose.reach[finger + 1] - _TAPER[-1] * radius
    angle = np.deg2rad(pose.splay[finger + 1] + pose.bend[finger + 1] * np.arange(len(_PHALANGES)))
    steps = length * np.array(_PHALANGES)
    xs = x + np.concatenate(([0], np.cumsum(steps * np.cos(angle))))
    ys = y * pose.palm + np.concatenate(([0], np.cumsum(steps * np.sin(angle))))
    return tuple((float(px), float(py), radius * taper) for px, py, taper in zip(xs, ys, _TAPER, strict=True))


def _links(circles: Sequence[Circle], top: float, layer: int = _MAIN, base: float = 0.0) -> list[Part]:
    return [Part((a, b), top, layer, base) for a, b in pairwise(circles)]


def _extended(pose: Pose, finger: int) -> list[Part]:
    return _links(joints(pose, finger), _FINGER_TOP)


def _curled(pose: Pose, finger: int) -> list[Part]:
    x, y = _KNUCKLES[finger][0], _KNUCKLES[finger][1] * pose.palm
    radius = 1.12 * _FINGER_RADII[finger] * (0.5 + 0.5 * pose.girth)
    lean = 0.004 * pose.bend[finger + 1]
    if pose.view == BACK:
        # Only the first phalanx shows, falling away from the camera.
        out = (0.1 if finger < 3 else 0.085) * pose.curl * pose.reach[finger + 1]
        first = (x - 0.02, y, radius), (x + out, y * 0.94 + lean, radius)
        return [Part(first, _FINGER_TOP + 0.012)]
    # From the front the middle phalanx folds back over the palm; its own layer gives the crease to its neighbour.
    front = x + 0.025 * pose.curl * pose.reach[finger + 1]
    fold = (front, y * 0.93, radius), (front - 0.2 * pose.reach[finger + 1], y * 0.88 + lean, radius * 0.9)
    return [Part(fold, _PALM_TOP + 0.05, _OVER + finger, _OVERLAY_BASE)]


def _thumb(label: str, pose: Pose) -> list[Part]:
    radii = [radius * (0.4 + 0.6 * pose.girth) for radius in (0.085, 0.066, 0.052, 0.042)]
    x, y = _THUMB_ROOT
    if label == "paper":
        angles = np.deg2rad([26 + 20 * pose.thumb, pose.splay[0], pose.splay[0] - 4 + pose.bend[0]])
        steps = np.array([0.2, 0.16, 0.11]) * pose.reach[0]
        xs, ys = x + np.cumsum(steps * np.cos(angles)), y * pose.palm + np.cumsum(steps * np.sin(angles))
        path = [(x, y), *zip(xs.tolist(), ys.tolist(), strict=True)]
        web = Part(((x, y, 0.08), (*path[1], radii[1]), (0.4, 0.12 * pose.palm, 0.05)), _FINGER_TOP - 0.01)
        circles = [(px, py, r) for (px, py), r in zip(path, radii, strict=True)]
        return [web, *_links(circles, _FINGER_TOP)]
    out = 0.05 * pose.thumb
    if pose.view == PALM:
        tip = 0.0 if label == "rock" else -0.04
        path = [(x, y), (0.25, 0.17 + out), (0.34, 0.09 + out), (0.37, tip + out)]
        circles = [(px, py * pose.palm, r) for (px, py), r in zip(path, radii, strict=True)]
        return _links(circles[:2], _PALM_TOP) + _links(circles[1:], _PALM_TOP + 0.09, _OVER + 9, _OVERLAY_BASE + 0.03)
    reach = 0.05 * pose.curl + 0.03 * pose.thumb if label == "rock" else -0.1
    path = [(x, y), (0.26, 0.15 + out), (0.42, 0.16 + out), (0.53 + reach, 0.13 + out)]
    circles = [(px, py * pose.palm, r) for (px, py), r in zip(path, radii, strict=True)]
    return _links(circles, _FINGER_TOP - 0.01, _UNDER)


def _side_fist(pose: Pose) -> list[Part]:
    r, k, out = 0.056 * pose.girth, pose.palm, 0.03 * pose.curl
    body = Part(((0.02, 0.0, 0.1), (0.42, -0.09 * k, 0.075), (0.44, 0.07 * k, 0.07), (0.24, 0.11 * k, 0.08)), _PALM_TOP)
    index = ((0.42, -0.1 * k, r), (0.47 + out, 0.06 * k, r), (0.32, 0.15 * k, r * 0.92), (0.3, 0.07 * k, r * 0.8))
    tip = (0.44 + 0.05 * pose.thumb, 0.1 * k + 0.03)
    thumb = ((0.06, 0.03, 0.08), (0.24, 0.03 * k, 0.062 * pose.girth), (*tip, 0.043 * pose.girth))
    curled = [
        Part(pair, _PALM_TOP + 0.05 - 0.02 * layer, _OVER - layer, _OVERLAY_BASE)
        for layer, pair in enumerate(pairwise(index))
    ]
    return [body, *curled, *_links(thumb, _PALM_TOP + 0.09, _OVER + 9, _OVERLAY_BASE + 0.03)]
