"""Inputs of models, and pictures for them."""

from __future__ import annotations

import numpy as np

from edgeproof.edge.contract import Color, ImageInput, Quantization

EXACT = Quantization(float(np.float32(1 / 255)), 0)
EVERY_PIXEL = np.arange(256).astype(np.uint8)


def spec(height: int = 4, width: int = 4, **facts: object) -> ImageInput:
    channels = 1 if facts.get("color") is Color.GRAY else 3
    return ImageInput(height=height, width=width, channels=channels, **facts)  # type: ignore[arg-type]
