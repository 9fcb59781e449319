"""Where answers go: one interface, one file per kind of sink, loaded only when it is chosen; any number together."""

from __future__ import annotations

from typing import Protocol

from ..classifier import Prediction
from ..sources import Frame


class Sink(Protocol):
    """A place for answers."""

    def write(self, frame: Frame, prediction: Prediction, age: float) -> None:
        """Take one answer; `age` is how old the frame was when inference began, in seconds.

        Raises:
            InputError: the place cannot take answers any more.
            StopIteration: a person closed it, and the loop shall end.
        """
        ...

    def close(self) -> None:
        """Finish what was written."""
        ...
