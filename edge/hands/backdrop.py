"""The backdrop behind a hand."""

from __future__ import annotations

import cv2
import numpy as np

from .colour import as_planes
from .plane import Floats, grain, ramp
from .scene import CLUTTER, GREEN, NOISE, PLAIN, STRIPES, WOOD, Scene, sample_colours


def draw_backdrop(scene: Scene, size: tuple[int, int], rng: np.random.Generator) -> Floats:
    """Draw the background of a scene.

    Args:
        scene: kind, colours and pattern.
        size: height and width, pixels.
        rng: source of the pattern.

    Returns:
        Light, float32 (3, height, width), 0..255.
    """
    if scene.backdrop == CLUTTER:
        return _clutter(scene, size, rng)
    first, second = (as_planes(colour) for colour in scene.colours)
    blended = _pattern(scene, size, rng) * (second - first)
    blended += first
    return blended


def _pattern(scene: Scene, size: tuple[int, int], rng: np.random.Generator) -> Floats:
    """Share of the second colour, about 0..1, (height, width)."""
    if scene.backdrop == PLAIN:
        return np.zeros(size, np.float32)
    if scene.backdrop == NOISE:
        return _speckle(scene, size, rng)
    if scene.backdrop == WOOD:
        return _wood(scene, size, rng)
    along = ramp(size, scene.angle)
    if scene.backdrop == STRIPES:
        wave = np.sin(along * np.float32(2 * np.pi / scene.scale))
        return np.asarray(np.clip(0.5 + scene.contrast * 3 * wave, 0, 1), np.float32)
    if scene.backdrop == GREEN:
        # A cloth under a lamp: nearly even.
        return np.asarray(0.3 * scene.contrast * (along + grain((3, 4), size, rng)), np.float32)
    return np.asarray(along + 0.5, np.float32)


def _speckle(scene: Scene, size: tuple[int, int], rng: np.random.Generator) -> Floats:
    cell = max(1.0, scene.scale * min(size))
    coarse = grain((int(size[0] / cell) + 2, int(size[1] / cell) + 2), size, rng)
    return np.asarray(coarse + 0.5 * scene.contrast * grain(size, size, rng), np.float32)


def _wood(scene: Scene, size: tuple[int, int], rng: np.random.Generator) -> Floats:
    height, width = size
    fibres = (4, max(24, width // 3)) if scene.angle < 90 else (max(24, height // 3), 4)
    rings = 12 * scene.scale * grain((5, 6), size, rng)
    return np.asarray(0.5 + 0.5 * np.sin(rings + 5 * grain(fibres, size, rng)), np.float32)


def _clutter(scene: Scene, size: tuple[int, int], rng: np.random.Generator) -> Floats:
    """Random things on a random ground, out of focus by the scene's scale."""
    height, width = size
    shorter = min(size)
    ground = np.empty((height, width, 3), np.uint8)
    ground[:] = np.array(scene.colours[0])
    for _ in range(int(rng.integers(4, 28))):
        colour = sample_colours(CLUTTER, rng)[0]
        x, y = (int(value) for value in rng.uniform((0, 0), (width, height)))
        a, b = (max(1, int(value)) for value in rng.uniform(0.02, 0.4, 2) * shorter)
        kind, turn = rng.integers(3), float(rng.uniform(0, 180))
        if kind == 0:
            cv2.ellipse(ground, (x, y), (a, b), turn, 0, 360, colour, -1)
        elif kind == 1:
            cv2.fillConvexPoly(ground, cv2.boxPoints(((x, y), (2 * a, 2 * b), turn)).astype(np.int32), colour)
        else:
            end = (x + int(3 * a * np.cos(turn)), y + int(3 * a * np.sin(turn)))
            cv2.line(ground, (x, y), end, colour, max(1, b // 6), cv2.LINE_AA)
    soft = cv2.GaussianBlur(ground, (0, 0), 0.4 + 0.05 * scene.scale * shorter)
    return np.ascontiguousarray(soft.transpose(2, 0, 1), np.float32)
