"""Encoded pictures that came over a network, where they may be cut off."""

from __future__ import annotations

from ..errors import InputError
from ..preprocess import Pixels, decode_image

_JPEG, _JPEG_END = b"\xff\xd8", b"\xff\xd9"
_PADDING = 4096  # bytes that an encoder may fill up with behind the end


def decoded(data: bytes, where: str) -> Pixels | None:
    """Decode a picture to BGR; None where it is damaged.

    A JPEG that was cut off is known by its missing end: some decoders fill it up with gray, and call that a success.
    """
    if data.startswith(_JPEG) and data.rfind(_JPEG_END, max(0, len(data) - _PADDING)) < 0:
        return None
    try:
        return decode_image(data, where)
    except InputError:
        return None
