"""A contact sheet of what augmentation makes of some pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from ...edge.atomic import write_bytes
from ...edge.preprocess import Pixels
from ...workstation.pages.enlarge import enlarge

_SIDE = 112  # pixels of a picture's longer side, where the picture is smaller
_GAP = 4  # pixels between pictures
_APART = 12  # pixels more between an original and what became of it
_PAPER = 255


def augmentation_sheet(originals: Pixels, augmented: Sequence[Pixels], path: Path) -> None:
    """Write a PNG with one row per picture: the original, then its augmented versions.

    Args:
        originals: uint8 of shape (n, height, width, 3) in RGB, or (n, height, width, 1) in gray.
        augmented: one array of the same shape per round of augmentation, with the pictures in the same order.
        path: where to write; the file is whole or not there.

    Raises:
        ValueError: there is no picture, or the shapes or dtypes are others.
    """
    shape = originals.shape
    if len(shape) != 4 or shape[-1] not in (1, 3) or not originals.size:
        raise ValueError(f"expected pictures of shape (n, height, width, 1 or 3), received {shape}")
    for pixels in (originals, *augmented):
        if pixels.shape != shape or pixels.dtype != np.uint8:
            raise ValueError(f"expected uint8 of shape {shape}, received {pixels.dtype} of shape {pixels.shape}")
    sheet = _column(originals)
    apart = np.full((sheet.shape[0], _APART, shape[-1]), _PAPER, np.uint8)
    if augmented:
        sheet = np.concatenate([sheet, apart, *map(_column, augmented)], axis=1)
    sheet = np.pad(sheet, ((_GAP, 0), (_GAP, 0), (0, 0)), constant_values=_PAPER)
    # OpenCV encodes BGR.
    _, encoded = cv2.imencode(".png", sheet if shape[-1] == 1 else cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR))
    write_bytes(path, encoded.tobytes())


def _column(pixels: Pixels) -> Pixels:
    """Put pictures of shape (n, height, width, channels) below each other, with a gap below and right of each."""
    large = enlarge(pixels, _SIDE)
    spaced = np.pad(large, ((0, 0), (0, _GAP), (0, _GAP), (0, 0)), constant_values=_PAPER)
    return spaced.reshape(-1, *spaced.shape[2:])
