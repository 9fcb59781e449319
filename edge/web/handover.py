"""One image at a time, handed from the loop to a thread that may take its time with it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

import numpy as np

from ..preprocess import Pixels

Note = TypeVar("Note")

_PATIENCE = 0.5  # seconds for the work in progress at the end


class Handover(Generic[Note]):
    """A thread that works on copies of images, in memory that is reused.

    Args:
        name: of the thread.
        work: what it does with each image and the note that came with it; the image is only good until it returns.
        failed: is told of an error that is a mistake of ours; the thread goes on with the next image.
    """

    def __init__(self, name: str, work: Callable[[Pixels, Note], None], failed: Callable[[Exception], None]) -> None:
        self._work, self._failed = work, failed
        self._image: Pixels = np.empty((0, 0, 3), np.uint8)
        self._note: Note | None = None
        self._busy = self._ended = False
        self._ready = threading.Semaphore(0)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def offer(self, image: Pixels, note: Note) -> bool:
        """Copy an image for the thread; False, and nothing done, while it is still busy with the last."""
        if self._busy:
            return False
        if self._image.shape != image.shape:
            self._image = np.empty_like(image, order="C")
        np.copyto(self._image, image)
        self._note = note
        self._busy = True
        self._ready.release()
        return True

    def close(self) -> None:
        """End the thread, after the work that it has."""
        self._ended = True
        self._ready.release()
        self._thread.join(_PATIENCE)

    def _run(self) -> None:
        while True:
            self._ready.acquire()
            if self._busy:
                try:
                    self._work(self._image, self._note)  # type: ignore[arg-type]  # busy says that there is one
                except Exception as error:  # one image that goes wrong must not be the last
                    self._failed(error)
                finally:
                    self._busy = False
            if self._ended:
                return
