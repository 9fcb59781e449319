"""Pictures on their way to the disk: a thread encodes and writes them, so that the loop never waits for it."""

from __future__ import annotations

import math
import queue
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import cv2

from ..answer import Answer
from ..atomic import write_bytes
from ..console import Console
from ..preprocess import Pixels
from .budget import date_after, folder_name, kept_pictures, make_room, picture_name
from .outage import PAUSE, Outage

_WAITING = 2  # pictures; more would only be older
_QUALITY = 95  # of JPEG, so that what is kept can be trained on
_RECOUNT = 10  # pictures, or seconds, after which the folder is counted again: other runs may write to it too
_PATIENCE = 0.8  # seconds for the last pictures; a disk that hangs is left to the end of the process


@dataclass(frozen=True)
class _Picture:
    image: Pixels
    path: Path


class PictureFolder:
    """A folder of kept pictures, under a budget of bytes; outputs that keep pictures in the same folder share it.

    So do several runs: each counts the others' pictures now and then, and may exceed the budget by a few until then.

    Args:
        root: the folder; it is made.
        budget: how many bytes our pictures may take together.
        what: the flag that warnings name.
        console: where they go, and the count at the end.
        pause: seconds until the next try, once it could not be written.
    """

    def __init__(self, root: Path, budget: int, what: str, console: Console, pause: float = PAUSE) -> None:
        self.kept = 0  # pictures that were written
        self._refused = 0  # pictures that the loop kept back, because the disk was busy, or full a moment ago
        self._failed = 0  # pictures that the disk did not take
        self._root, self._budget, self._what, self._console = root, budget, what, console
        self._complained = False  # about a picture that no disk would take
        self._outage = Outage(what, console, pause)
        self._used = 0  # bytes, when they were counted last, and what was written since
        self._newest: int | None = None  # when the newest picture was made, in nanoseconds since 1970
        self._uncounted = _RECOUNT  # pictures since
        self._counted = -math.inf  # when that was, in seconds of time.monotonic
        root.mkdir(parents=True, exist_ok=True)
        self._queue: queue.Queue[_Picture | None] = queue.Queue(_WAITING)
        self._thread = threading.Thread(target=self._work, name="pictures", daemon=True)
        self._thread.start()

    @property
    def dropped(self) -> int:
        """How many pictures were to be kept and are not."""
        return self._refused + self._failed

    def put(self, answer: Answer, label: str, score: float, *, foldered: bool = False) -> None:
        """Keep an answer's frame as it was taken, under `label` and `score`; in a folder of the label if foldered."""
        if self._outage.paused or self._queue.full():
            self._refused += 1
            return
        taken = time.time() - (time.monotonic() - answer.frame.captured)
        folder = self._root / folder_name(label) if foldered else self._root
        image: Pixels = answer.frame.image  # type: ignore[assignment]  # a picture, or the flags had refused it
        # A copy: the frame's memory is used again as soon as the loop goes on.
        self._queue.put_nowait(_Picture(image.copy(), folder / picture_name(taken, label, score)))

    def close(self) -> None:
        """Write what waits, for a moment at most, and say how many pictures there are."""
        end = time.monotonic() + _PATIENCE
        try:
            self._queue.put(None, timeout=_PATIENCE)
        except queue.Full:  # a disk that hangs
            self._refused += self._queue.qsize()
        else:
            self._thread.join(max(0.0, end - time.monotonic()))
        dropped = f", {self.dropped} dropped" if self.dropped else ""
        self._console.say(f"{self._what}: {self.kept} picture(s) kept in {self._root}{dropped}")

    def _work(self) -> None:
        while (picture := self._queue.get()) is not None:
            self._try(picture)

    def _try(self, picture: _Picture) -> None:
        error = self._error_of(picture)
        with suppress(OSError):  # standard error may be closed, which is no reason to keep no pictures
            if error is None:
                self._outage.end(picture.path, self.dropped)
            elif isinstance(error, OSError):
                self._outage.begin(picture.path, error)
            elif not self._complained:
                self._complained = True
                self._console.warn(
                    f"{self._what}: expected to write {picture.path}, received {error}; the rest goes on"
                )
        self._failed += error is not None  # last: whoever sees the count finds it paused

    def _error_of(self, picture: _Picture) -> Exception | None:
        try:
            self._write(picture)
        except Exception as error:  # whatever is wrong with one picture, the thread keeps the next
            return error
        return None

    def _write(self, picture: _Picture) -> None:
        data = _encoded(picture.image)
        if len(data) > self._budget:
            raise OSError(f"one picture of {len(data)} bytes, more than the --disk-budget")
        self._make_room(len(data))
        if self._newest is None:  # once, before which there is no picture of this run
            self._newest = max((kept.made for kept in kept_pictures(self._root)), default=0)
        write_bytes(picture.path, data)
        with suppress(OSError):  # somebody may have taken it already, and not every disk lets a file be dated
            self._newest = date_after(picture.path, self._newest)
        self._used += len(data)
        self._uncounted += 1
        self.kept += 1

    def _make_room(self, needed: int) -> None:
        now = time.monotonic()
        known = self._uncounted < _RECOUNT and now - self._counted < _RECOUNT
        if not known or self._used + needed > self._budget:
            self._used = make_room(self._root, self._budget, needed)
            self._uncounted, self._counted = 0, now


def _encoded(image: Pixels) -> bytes:
    done, data = cv2.imencode(".jpg", image, (cv2.IMWRITE_JPEG_QUALITY, _QUALITY))
    if not done:
        height, width = image.shape[:2]
        raise ValueError(f"a frame of {width}x{height} pixels, which no JPEG can have")
    return data.tobytes()
