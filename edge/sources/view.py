"""A part of a source's frames, turned and mirrored as a person wants to see them."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from ..errors import InputError
from .frame import Frame, Source, Spare
from .memory import Image, reusable
from .options import Roi, SourceOptions

_TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
_LEFT_TO_RIGHT = 1  # OpenCV's code for a flip about the vertical axis


class View:
    """Cuts `roi` out of each frame, then turns it, then mirrors it.

    A region alone is a view into the source's image. Turning and mirroring write into the spare image, so that the
    source's own is free at once and goes back to it.
    """

    def __init__(self, source: Source, options: SourceOptions) -> None:
        self.live = source.live
        self._source, self._roi = source, options.roi
        self._turn, self._mirror = _TURNS.get(options.rotate), options.mirror
        self._copies = self._mirror or self._turn is not None
        self._idle: Spare = None  # the source's own image, which is free
        self._turned: Image | None = None  # between turning and mirroring

    def read(self, spare: Spare = None) -> Frame | None:
        """Wait for the next frame.

        Raises:
            InputError: the region is not inside of the frame, or the source cannot go on.
        """
        frame = self._source.read(self._lent(spare))
        if frame is None:
            return None
        image: Image = frame.image  # type: ignore[assignment]  # pictures, as opposed to numbers
        if self._roi is not None:
            image = cut(image, self._roi)
        if self._copies:
            image = self._written(image, reusable(spare))
            self._idle = frame.image
        return replace(frame, image=image)

    def close(self) -> None:
        """Close the source."""
        self._source.close()

    def _lent(self, spare: Spare) -> Spare:
        if self._copies:
            idle, self._idle = self._idle, None
            return idle
        # A region is a view into the image that the source gave.
        return spare.base if spare is not None and isinstance(spare.base, np.ndarray) else None

    def _written(self, image: Image, spare: Image | None) -> Image:
        if self._turn is None:
            return cv2.flip(image, _LEFT_TO_RIGHT, spare)  # type: ignore[return-value]  # uint8, as the image
        if not self._mirror:
            return cv2.rotate(image, self._turn, spare)  # type: ignore[return-value]
        turned: Image = cv2.rotate(image, self._turn, self._turned)  # type: ignore[assignment]
        self._turned = turned
        return cv2.flip(turned, _LEFT_TO_RIGHT, spare)  # type: ignore[return-value]


def cut(image: Image, roi: Roi) -> Image:
    """Cut a region out of an image, without a copy.

    Raises:
        InputError: a part of it lies outside.
    """
    height, width = image.shape[:2]
    if roi.x + roi.width > width or roi.y + roi.height > height:
        raise InputError(
            f"expected a region inside of the frame of {width}x{height} pixels, received --roi {roi}; "
            "X + WIDTH and Y + HEIGHT may reach up to its size"
        )
    return image[roi.y : roi.y + roi.height, roi.x : roi.x + roi.width]
