"""What can be asked of a source."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Roi:
    """A region of a camera's frame, in pixels from its upper left corner."""

    x: int
    y: int
    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.x},{self.y},{self.width},{self.height}"


@dataclass(frozen=True)
class SourceOptions:
    """What can be asked of a source; nothing is, at the defaults.

    `roi` is cut out of the camera's frame, what is left is turned by `rotate` degrees clockwise (0, 90, 180 or 270),
    and then `mirror` swaps left and right. `size` (width, height, in pixels), `rate` (frames a second) and
    `pixel_format` ("MJPG", "YUYV", or None for whichever fits the bus) are requests to a camera, which may give
    something else. `strict` makes an unreadable picture an error, instead of leaving it out with a warning.
    """

    roi: Roi | None = None
    rotate: int = 0
    mirror: bool = False
    size: tuple[int, int] | None = None
    rate: float | None = None
    pixel_format: str | None = None
    strict: bool = False
