"""A colour, and its shape against the planes of a picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .plane import Floats

Colour = tuple[float, float, float]  # blue, green, red, 0..255


def colour_of(values: NDArray[np.float64]) -> Colour:
    """Clip three values to a colour."""
    blue, green, red = (float(value) for value in np.clip(values, 0, 255))
    return blue, green, red


def as_planes(colour: Colour) -> Floats:
    """Shape a colour (3, 1, 1), to broadcast over planes (3, height, width)."""
    return np.array(colour, np.float32)[:, None, None]
