"""Pictures that a page carries within itself."""

from __future__ import annotations

import base64
from pathlib import Path

import cv2

from ...edge.errors import InputError
from ...edge.preprocess import read_image
from .enlarge import enlarge

_SIDE = 200  # pixels of the longer side
_QUALITY = 85  # of JPEG, from 0 to 100


def thumbnail(path: Path) -> str | None:
    """Give a picture as the data URI of a JPEG of about 200 pixels; None where it cannot be read any more."""
    try:
        picture = read_image(path)
    except InputError:
        return None
    height, width = picture.shape[:2]
    scale = _SIDE / max(height, width)
    if scale < 1:
        # A panorama keeps at least one row of pixels.
        size = max(1, round(width * scale)), max(1, round(height * scale))
        small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    else:
        small = enlarge(picture, _SIDE)
    _, encoded = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return "data:image/jpeg;base64," + base64.b64encode(encoded.tobytes()).decode()
