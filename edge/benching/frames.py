"""What is answered over and over while the clock runs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..contract import ModelInput, NumberInput

HEIGHT, WIDTH = 480, 640  # pixels: what most cameras give unless they are asked


def frame_for(spec: ModelInput) -> NDArray[np.generic]:
    """Make a sample that a model takes: a BGR frame of noise, the same each time, or the middle of the numbers' range.

    Neither resizing nor a network's arithmetic takes longer for one picture than for another.
    """
    if isinstance(spec, NumberInput):
        return np.full(spec.count, sum(spec.range) / 2, np.float32)
    return np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
