"""What can be asked of a source."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import InputError
from .address import hidden

_REQUESTS = {"size": "--camera-size", "rate": "--rate", "pixel_format": "--pixel-format"}


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


def refuse_requests(name: str, options: SourceOptions, *heard: str) -> None:
    """Refuse what a source cannot be asked for.

    Args:
        name: of the source; what looks like a password in it is not shown.
        options: what is asked.
        heard: the fields of the options that this source takes.

    Raises:
        InputError: another one of size, rate and pixel format was asked for.
    """
    for request, flag in _REQUESTS.items():
        if request not in heard and getattr(options, request) is not None:
            raise InputError(
                f"expected {flag} with a camera that can be asked for it, received {hidden(name)}; leave it out"
            )
