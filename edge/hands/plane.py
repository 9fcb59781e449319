"""The picture plane: points on it and fields of values over it."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]
Point = tuple[float, float]  # x, y


def ramp(size: tuple[int, int], angle: float) -> Floats:
    """Plane that rises along an angle in degrees by 1 per shorter side and is 0 in the middle."""
    height, width = size
    shorter = np.float32(min(size))
    down = (np.arange(height, dtype=np.float32)[:, None] - height / 2) / shorter
    right = (np.arange(width, dtype=np.float32) - width / 2) / shorter
    return np.asarray(right * np.cos(np.deg2rad(angle)) + down * np.sin(np.deg2rad(angle)), np.float32)


def grain(cells: tuple[int, int], size: tuple[int, int], rng: np.random.Generator) -> Floats:
    """Smooth random values in 0..1 on a grid of cells."""
    values = rng.random(cells, np.float32)
    return np.asarray(cv2.resize(values, size[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def quarter(image: NDArray[Any]) -> NDArray[Any]:
    """Shrink a field to a quarter of its height and width, at least a pixel."""
    height, width = image.shape
    return cv2.resize(image, (max(1, width // 4), max(1, height // 4)), interpolation=cv2.INTER_AREA)
