"""Augmentation: each picture turned, moved, sheared, scaled and mirrored by chance, on its cached uint8 pixels."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..edge.preprocess import Pixels


@dataclass(frozen=True)
class Augmentation:
    """How far chance may go; every value is the largest deviation to either side.

    `rotation` and `shear` are in degrees, `shift` in fractions of the picture, `zoom` in fractions of the scale of each
    axis. What comes in from beyond the border repeats the nearest pixel.
    """

    rotation: float = 0.0
    shift: float = 0.0
    shear: float = 0.0
    zoom: float = 0.0
    mirror: bool = False

    def apply(self, pixels: Pixels, rng: np.random.Generator) -> Pixels:
        """Warp pictures of shape (n, height, width, channels), uint8; returns new ones of the same shape."""
        return warp(pixels, self.draw(rng, len(pixels), *pixels.shape[1:3]), np.empty_like(pixels))

    def draw(self, rng: np.random.Generator, count: int, height: int, width: int) -> NDArray[np.float64]:
        """Draw affine maps about the picture's centre: float64 of shape (n, 2, 3), in pixels, as OpenCV takes them."""
        angle, shear = np.deg2rad(rng.uniform(-1, 1, (2, count)) * [[self.rotation], [self.shear]])
        across, down = 1 + rng.uniform(-self.zoom, self.zoom, (2, count))
        side = np.where(rng.random(count) < 0.5, -1.0, 1.0) if self.mirror else np.ones(count)
        linear = np.stack(
            [
                np.stack([across * side * np.cos(angle), -down * np.sin(angle + shear)], axis=-1),
                np.stack([across * side * np.sin(angle), down * np.cos(angle + shear)], axis=-1),
            ],
            axis=1,
        )
        centre = np.array([(width - 1) / 2, (height - 1) / 2])
        shift = rng.uniform(-self.shift, self.shift, (count, 2)) * (width, height)
        return np.concatenate([linear, (centre - linear @ centre + shift)[..., None]], axis=2)


def warp(pixels: Pixels, matrices: NDArray[np.float64], out: Pixels) -> Pixels:
    """Warp pictures by maps that were drawn before.

    Args:
        pixels: uint8 of shape (n, height, width, channels).
        matrices: what `Augmentation.draw` gave for them.
        out: where to write, of the same shape, not the same memory; it is also returned.
    """
    for picture, matrix, warped in zip(pixels, matrices, out, strict=True):
        _warp(picture, matrix, warped)
    return out


def _warp(picture: Pixels, matrix: NDArray[np.float64], out: Pixels) -> None:
    height, width = picture.shape[:2]
    cv2.warpAffine(picture, matrix, (width, height), dst=out, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


# For pictures that were taken with some care, and networks that have little time.
LIGHT = Augmentation(rotation=20, shift=0.1, shear=6, zoom=0.1, mirror=True)
# The article's. It says shear_range=0.2, which Keras took as radians then and takes as degrees since; 0.2 degrees
# would be nothing, so radians are meant.
FULL = Augmentation(rotation=40, shift=0.2, shear=float(np.rad2deg(0.2)), zoom=0.2, mirror=True)
