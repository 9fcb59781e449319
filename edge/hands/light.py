"""The light on a hand, and the shadow that the hand casts."""

from __future__ import annotations

import cv2
import numpy as np

from .plane import Bytes, Floats, quarter
from .scene import Scene


def shade_of(height: Floats, scene: Scene, scale: float) -> Floats:
    """Light on a relief: Lambert's law, darkened in creases.

    Args:
        height: the relief's height (height, width), pixels.
        scene: the light.
        scale: length of a hand, pixels.

    Returns:
        Share of light (height, width), float32, 1 where the relief lies flat.
    """
    smooth = cv2.GaussianBlur(height, (0, 0), 0.5 + 0.009 * scale)
    slope_x, slope_y = (cv2.Sobel(smooth, cv2.CV_32F, dx, 1 - dx, scale=1 / 8) for dx in (1, 0))
    light_x, light_y = scene.light
    facing = (1 - slope_x * light_x - slope_y * light_y) / np.sqrt(1 + slope_x**2 + slope_y**2)
    around = cv2.GaussianBlur(quarter(smooth), (0, 0), 0.1 + 0.0075 * scale)
    crease = np.maximum(cv2.resize(around, height.shape[::-1]) - smooth, 0) / np.float32(0.012 * scale)
    shade = scene.ambient + (1 - scene.ambient) * np.maximum(facing, 0)
    return np.asarray(shade * (1 - 0.45 * np.minimum(crease, 1)), np.float32)


def shadow_of(mask: Bytes, scene: Scene, scale: float) -> Floats:
    """Light that a hand leaves to the background.

    Args:
        mask: coverage of the hand (height, width), 0..255.
        scene: the light.
        scale: length of a hand, pixels.

    Returns:
        Share of light (height, width), float32, 0..1.
    """
    height, width = mask.shape
    # A shadow is soft: a quarter of the resolution shows all of it.
    small = quarter(mask)
    length = scale / 4
    shift = np.array([[1, 0, scene.shadow_shift[0] * length], [0, 1, scene.shadow_shift[1] * length]])
    fallen = cv2.warpAffine(small, shift, small.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
    soft = cv2.resize(cv2.GaussianBlur(fallen, (0, 0), 0.3 + scene.shadow_blur * length), (width, height))
    return np.asarray(1 - soft * np.float32(scene.shadow / 255), np.float32)
