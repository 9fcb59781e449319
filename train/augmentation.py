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

    `rotation` and `shear` are in degrees, `shift` in fractions of the picture, `zoom` in fractions of the scale.
    What comes in from beyond the border repeats the nearest pixel.
    """

    rotation: float = 0.0
    shift: float = 0.0
    shear: float = 0.0
    zoom: float = 0.0
    mirror: bool = False

    def apply(self, pixels: Pixels, rng: np.random.Generator) -> Pixels:
        """Warp pictures of shape (n, height, width, channels), uint8; returns new ones of the same shape."""
        warped = np.empty_like(pixels)
        height, width = pixels.shape[1:3]
        for picture, out in zip(pixels, warped, strict=True):
            matrix = self.draw(rng, height, width)
            # A picture of one channel comes back without that axis.
            out[:] = cv2.warpAffine(
                picture, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
            ).reshape(out.shape)
        return warped

    def draw(self, rng: np.random.Generator, height: int, width: int) -> NDArray[np.float64]:
        """Draw one affine map about the picture's centre: float64 of shape (2, 3), in pixels, as OpenCV takes it."""
        angle, shear = np.deg2rad(rng.uniform(-1, 1, 2) * (self.rotation, self.shear))
        scale = 1 + rng.uniform(-self.zoom, self.zoom)
        side = -1.0 if self.mirror and rng.random() < 0.5 else 1.0
        linear = scale * np.array(
            [
                [side * np.cos(angle), -np.sin(angle + shear)],
                [side * np.sin(angle), np.cos(angle + shear)],
            ]
        )
        centre = np.array([(width - 1) / 2, (height - 1) / 2])
        shift = rng.uniform(-self.shift, self.shift, 2) * (width, height)
        return np.column_stack([linear, centre - linear @ centre + shift])
