"""A frame, and the interface of what gives frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


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

    @property
    def live(self) -> bool:
        """Whether it goes on by itself."""
        ...

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
