"""Collection by a button on the page: while somebody holds it, frames become pictures of a label."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
_MOST_ADDED = 100  # labels that a person adds
_MOST_NEWS = 12  # labels beside a picture, which are in a header
_RELEASED = 100  # buttons that are remembered as released
_QUIET = 30.0  # seconds without trouble, after which the next is warned of again: a full disk has room now and then


@dataclass(frozen=True)
class _Held:
    """A button that is held for a label, until seconds of `time.monotonic`; `press` is the page's word for it."""

    label: str
    until: float
    press: str | None


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
        self._labels = dict.fromkeys([*labels, *collection.counts])
        self._most_labels = len(self._labels) + _MOST_ADDED
        self._lock = threading.Lock()  # of the collection
        self._held: _Held | None = None
        self._released: deque[str] = deque(maxlen=_RELEASED)
        self._news: tuple[str, ...] = ()  # labels that were added or whose pictures changed, the newest first
        self._news_lock = threading.Lock()
        self._pace = Pace(INTERVAL)
        self._trouble: str | None = None
        self._troubled = -math.inf  # when, in seconds of time.monotonic
        self._handover: Handover[str] = Handover("collection", self._write, self._failed)

    def add_label(self, label: str) -> None:
        """Add a label to choose from.

        Raises:
            InputError: it cannot be a folder's name, or there are too many.
        """
        check_folder_name(label)
        if label not in self._labels:
            if len(self._labels) >= self._most_labels:
                raise InputError(f"expected up to {_MOST_ADDED} new labels, received another; choose one of them")
            self._labels[label] = None
            self._note(label)

    def hold(self, label: str, press: str | None = None) -> None:
        """Take pictures for the next second, as of a label that was added.

        A page repeats this with the same `press`, and what it says may overtake one another: nothing happens where that
        press was released before.

        Raises:
            InputError: it can be no folder's name, or there are too many labels.
        """
        if press is not None and press in self._released:
            return
        self.add_label(label)
        self._held = _Held(label, time.monotonic() + _HOLD, press)

    def release(self, press: str | None = None) -> None:
        """Take no more pictures of a press, whatever is held where None."""
        if press is not None:
            self._released.append(press)
        if self._held is None or press in (None, self._held.press):
            self._held, self._trouble = None, None

    def undo(self) -> None:
        """Delete the newest picture.

        Raises:
            InputError: it cannot be deleted.
        """
        with self._lock:
            label = self._collection.undo()
        if label is not None:
            self._note(label)

    def offer(self, image: Pixels, now: float) -> None:
        """Take a frame, if a label is held and the next picture is due."""
        held = self._held
        if held is None or not self._pace.due(now) or now >= held.until:
            return
        if self._handover.offer(image, held.label):
            self._pace.taken(now)

    def state(self) -> dict[str, Any]:
        """Show each label with its count, the one that is held now, and what is wrong."""
        return self._shown(list(self._labels))

    def news(self) -> dict[str, Any]:
        """Show the same of the few labels that changed last."""
        return self._shown(self._news)

    def close(self) -> None:
        """End, after the picture that is being written."""
        self._handover.close()

    def _shown(self, labels: Sequence[str]) -> dict[str, Any]:
        held = self._held
        return {
            # Pairs: in a browser the order of an object's names is lost where they are numbers.
            "counts": [(label, self._collection.counts.get(label, 0)) for label in labels],
            "holding": held.label if held is not None and time.monotonic() < held.until else None,
            "trouble": self._trouble,
        }

    def _note(self, label: str) -> None:
        with self._news_lock:
            self._news = (label, *(other for other in self._news if other != label))[:_MOST_NEWS]

    def _write(self, image: Pixels, label: str) -> None:
        try:
            with self._lock:
                self._collection.add(label, image)
        except InputError as error:
            self._trouble = str(error)
            before, self._troubled = self._troubled, time.monotonic()
            if self._troubled - before > _QUIET:
                self._console.warn(self._trouble)
        else:
            self._trouble = None
            self._note(label)

    def _failed(self, error: Exception) -> None:
        self._trouble = "no picture was taken, by a mistake of ours; see the console"
        self._complain(error)
