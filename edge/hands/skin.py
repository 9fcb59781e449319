"""The skin of a hand, with the sleeve over it: coloured, textured and lit."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .colour import as_planes
from .hand import Hand
from .light import shade_of
from .placement import pixels_per_unit
from .plane import Floats
from .relief import Relief
from .strokes import draw_strokes, strokes_of

_TEXTURE_SIDE = 128  # pixels, for a hand length


def draw_skin(hand: Hand, relief: Relief, matrix: NDArray[np.float64], rng: np.random.Generator) -> Floats:
    """Draw skin and sleeve wherever the relief may have them.

    Args:
        hand: colours, pose and light.
        relief: the hand's shape.
        matrix: (2, 3) map from the hand frame to pixels.
        rng: source of the texture and of the strokes' jitter.

    Returns:
        Light, float32 (3, height, width), 0..255; planes because they broadcast fast.
    """
    size = relief.mask.shape[0], relief.mask.shape[1]
    bumps = _texture(matrix, size, rng)
    bare = draw_strokes(strokes_of(hand.label, hand.pose, hand.hairs, rng), matrix, size)
    bare *= 1 + np.float32(0.14 * hand.mottle) * bumps
    shade = shade_of(relief.height, hand.scene, pixels_per_unit(matrix))
    skin = as_planes(hand.skin)
    # Light that leaves skin in the shade has passed through it and come out redder.
    glow = skin * as_planes((0.0, 0.02, 0.1))
    bare *= shade
    lit = bare * (skin - glow)
    lit += glow
    if hand.pose.sleeve >= 0:
        cloth = (shade * (1 + np.float32(0.08) * bumps)) * as_planes(hand.cloth)
        cloth -= lit
        cloth *= relief.sleeve * np.float32(1 / 255)
        lit += cloth
    return lit


def _texture(matrix: NDArray[np.float64], size: tuple[int, int], rng: np.random.Generator) -> Floats:
    """Blotches and pores that stick to the skin, about -1..1, (height, width)."""
    patch = sum(
        weight * cv2.resize(rng.uniform(-1, 1, (side, side)).astype(np.float32), (_TEXTURE_SIDE, _TEXTURE_SIDE))
        for side, weight in ((6, 0.6), (20, 0.6), (_TEXTURE_SIDE, 0.5))
    )
    # Half the resolution is enough and spares most of the warp.
    pixels_per_texel = 0.5 * matrix
    pixels_per_texel[:, :2] *= 1 / _TEXTURE_SIDE
    half = (max(1, size[1] // 2), max(1, size[0] // 2))
    warped = cv2.warpAffine(np.asarray(patch, np.float32), pixels_per_texel, half, borderMode=cv2.BORDER_WRAP)
    return np.asarray(cv2.resize(warped, size[::-1]), np.float32)
