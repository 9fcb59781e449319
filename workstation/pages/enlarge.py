"""Small pictures made large enough to be seen, without inventing pixels."""

from __future__ import annotations

import numpy as np

from ...edge.preprocess import Pixels


def enlarge(pixels: Pixels, side: int) -> Pixels:
    """Repeat the pixels of pictures until the longer side is as near to `side` as whole factors get it.

    Args:
        pixels: uint8 of shape (…, height, width, channels).
        side: the wanted length of the longer side, in pixels.

    Returns:
        The same pictures (nearest neighbour), or `pixels` itself where they are large enough.
    """
    factor = round(side / max(pixels.shape[-3:-1]))
    if factor <= 1:
        return pixels
    return np.repeat(np.repeat(pixels, factor, axis=-3), factor, axis=-2)
