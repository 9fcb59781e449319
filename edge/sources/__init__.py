"""Where frames come from: one interface, one file per kind of source, loaded only when it is the one chosen."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..console import Console
from ..contract import ModelInput, NumberInput
from ..errors import InputError
from ..folders import SUFFIXES

HANDS = "hands:"
_DEVICE = "/dev/video"


@dataclass(frozen=True)
class Frame:
    """One sample on its way to the classifier.

    `image` is BGR uint8 of shape (height, width, 3), or numbers of shape (count,). `source` names where it is from,
    `index` counts within the source from 0, `captured` is when it was taken, in seconds of `time.monotonic`.
    """

    image: NDArray[np.generic]
    source: str
    index: int
    captured: float


Spare = NDArray[np.generic] | None


class Source(Protocol):
    """A stream of frames.

    A `live` source goes on by itself, so that only its newest frame is worth an answer; any other waits, and each of
    its frames is answered.
    """

    live: bool

    def read(self, spare: Spare = None) -> Frame | None:
        """Wait for the next frame; None at the end.

        Args:
            spare: the image of an earlier frame that nobody needs any more, of any shape. A source may write the next
                one into it, so that a loop that runs for months allocates nothing.

        Raises:
            InputError: the source cannot go on.
        """
        ...

    def close(self) -> None:
        """Release the camera or file."""
        ...


def open_source(name: str, wanted: ModelInput, console: Console, *, strict: bool = False) -> Source:
    """Open a source by its name.

    Args:
        name: a camera ("0", "/dev/video0"), a video file, a picture, a folder of pictures, or "hands:" with an
            optional number of frames ("hands:90"); for a model of numbers, the numbers ("10" or "1,2.5").
        wanted: what the model takes.
        console: where warnings go.
        strict: raise for an unreadable picture, instead of leaving it out with a warning.

    Raises:
        InputError: there is no such source, or it does not open.
    """
    if isinstance(wanted, NumberInput):
        from .numbers import NumberSource

        return NumberSource(name, wanted)
    if name.isdecimal() or name.startswith(_DEVICE):
        from .camera import CameraSource

        return CameraSource(name)
    if name.startswith(HANDS):
        from .hands import HandsSource

        return HandsSource.from_name(name)
    return _open_path(name, console, strict=strict)


def _open_path(name: str, console: Console, *, strict: bool) -> Source:
    path = Path(name)
    if "://" in name and not path.exists():  # an address is no path, even if it ends in .jpg
        raise _no_source(name)
    if path.is_dir() or path.suffix.lower() in SUFFIXES:
        from .images import ImageSource

        return ImageSource(path, console, strict=strict)
    if not path.is_file():
        raise _no_source(name)
    from .video import VideoSource

    return VideoSource(path)


def _no_source(name: str) -> InputError:
    # As it was given: Path would make rtsp:/x of rtsp://x.
    return InputError(f"expected a camera, video, picture, folder or hands:, received {name!r}")
