"""Opening sources in a test, and looking at their frames."""

from __future__ import annotations

import io

import cv2
import numpy as np

from edgeproof.edge.console import Console
from edgeproof.edge.contract import ImageInput
from edgeproof.edge.preprocess import Pixels
from edgeproof.edge.sources import Frame, Source, SourceOptions, open_source

PICTURES = ImageInput(height=8, width=8, channels=3)


class Words:
    """Opens sources and keeps what they say."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def console(self) -> Console:
        """The console that they speak to."""
        return Console(stream=self.stream)

    def open(self, name: object, options: SourceOptions | None = None) -> Source:
        """Open a source of pictures."""
        return open_source(str(name), PICTURES, self.console, options or SourceOptions())

    @property
    def lines(self) -> list[str]:
        """What was said."""
        return self.stream.getvalue().splitlines()


def frames_of(source: Source) -> list[Frame]:
    """Read a source to its end."""
    frames = []
    while (frame := source.read()) is not None:
        frames.append(frame)
    source.close()
    return frames


def read(source: Source, count: int) -> list[Frame]:
    """Read so many frames, which must be there."""
    frames = [source.read() for _ in range(count)]
    assert None not in frames
    return [frame for frame in frames if frame is not None]


def is_chart(image: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> bool:
    """Tell whether the upper half of a BGR picture is red on the left and blue on the right."""
    assert image.dtype == np.uint8
    upper = image[:20].astype(int)
    red, blue = np.median(upper[:, 4:28], axis=(0, 1)), np.median(upper[:, 36:60], axis=(0, 1))
    return bool(red[2] > 200 and red[0] < 60 and blue[0] > 200 and blue[2] < 60)


def jpeg(image: Pixels) -> bytes:
    """Encode a BGR picture."""
    return cv2.imencode(".jpg", image)[1].tobytes()
