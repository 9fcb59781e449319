"""Collection by a button on the page: while somebody holds it, frames become pictures of a label."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from ..collection import Collection, check_folder_name
from ..console import Console
from ..errors import InputError
from ..preprocess import Pixels
from .handover import Handover
from .pace import Pace

INTERVAL = 0.2  # seconds between two pictures while the button is held
# Seconds for which one word of the page counts. It repeats it while the button is held; where a phone falls asleep, or
# its network does, collection ends by itself.
_HOLD = 1.0
_MOST_LABELS = 100


class Recorder:
    """Takes frames for a collection while a label is held.

    Args:
        collection: where pictures go.
        labels: those to choose from, to which a person may add.
        console: is warned once of a disk that takes no more.
        failed: is told of an error that is a mistake of ours.
    """

    def __init__(
        self,
        collection: Collection,
        labels: Sequence[str],
        console: Console,
        failed: Callable[[Exception], None],
    ) -> None:
        self._collection, self._console, self._complain = collection, console, failed
        self._labels = list(dict.fromkeys([*labels, *collection.counts]))
        self._lock = threading.Lock()  # of the collection
        self._held: tuple[str, float] | None = None
        self._pace = Pace(INTERVAL)
        self._trouble: str | None = None
        self._warned = False
        self._handover: Handover[str] = Handover("collection", self._write, self._failed)

    def add_label(self, label: str) -> None:
        """Add a label to choose from.

        Raises:
            InputError: it cannot be a folder's name, or there are too many.
        """
        check_folder_name(label)
        if label not in self._labels:
            if len(self._labels) >= _MOST_LABELS:
                raise InputError(f"expected up to {_MOST_LABELS} labels, received another; choose one of them")
            self._labels.append(label)

    def hold(self, label: str) -> None:
        """Take pictures for the next second, as of a label that was added.

        Raises:
            InputError: it can be no folder's name.
        """
        self.add_label(label)
        self._held = label, time.monotonic() + _HOLD

    def release(self) -> None:
        """Take no more pictures."""
        self._held, self._trouble = None, None

    def undo(self) -> None:
        """Delete the newest picture."""
        with self._lock:
            self._collection.undo()

    def offer(self, image: Pixels, now: float) -> None:
        """Take a frame, if a label is held and the next picture is due."""
        held = self._held
        if held is None or not self._pace.due(now) or now >= held[1]:
            return
        if self._handover.offer(image, held[0]):
            self._pace.taken(now)

    def state(self) -> dict[str, Any]:
        """Show labels, their counts, the one that is held now, and what is wrong."""
        held = self._held
        return {
            "counts": {label: self._collection.counts.get(label, 0) for label in list(self._labels)},
            "holding": held[0] if held is not None and time.monotonic() < held[1] else None,
            "trouble": self._trouble,
        }

    def close(self) -> None:
        """End, after the picture that is being written."""
        self._handover.close()

    def _write(self, image: Pixels, label: str) -> None:
        try:
            with self._lock:
                self._collection.add(label, image)
        except InputError as error:
            self._trouble = str(error)
            if not self._warned:  # once: a disk stays full for long, and the loop goes on
                self._warned = True
                self._console.warn(self._trouble)
        else:
            self._trouble, self._warned = None, False

    def _failed(self, error: Exception) -> None:
        self._trouble = "no picture was taken, by a mistake of ours; see the console"
        self._complain(error)
