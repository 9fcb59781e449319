"""A picture, or every picture of a folder."""

from __future__ import annotations

import time
from pathlib import Path

from ..console import Console
from ..errors import InputError
from ..folders import pictures
from ..native_noise import muted
from ..preprocess import read_image
from . import Frame, Spare


class ImageSource:
    """Pictures in the order of their paths.

    Unreadable ones of a folder are left out with a warning, and counted at the end; they raise when strict, and so does
    a single picture.
    """

    live = False

    def __init__(self, path: Path, console: Console, *, strict: bool) -> None:
        self._paths = pictures(path) if path.is_dir() else [path]
        if not self._paths:
            raise InputError(f"expected a folder with pictures, received one without: {path}")
        self._folder = path
        self._console, self._strict = console, strict or not path.is_dir()
        self._next = 0
        self._unreadable = 0

    def read(self, spare: Spare = None) -> Frame | None:  # noqa: ARG002 - the interface's
        """Decode the next readable picture.

        Raises:
            InputError: a picture cannot be read and that is an error here, or not one of all could be.
        """
        while self._next < len(self._paths):
            path = self._paths[self._next]
            self._next += 1
            captured = time.monotonic()
            try:
                with muted():  # the decoders say on several lines what the warning says on one
                    image = read_image(path)
                return Frame(image, str(path), self._next - 1, captured)
            except InputError as error:
                if self._strict:
                    raise
                self._unreadable += 1
                self._console.warn(str(error))
        if self._unreadable == len(self._paths):
            raise InputError(f"expected a folder with readable pictures, received one without: {self._folder}")
        self._count()
        return None

    def close(self) -> None:
        """Count what was left out of a run that was ended early; nothing is held open."""
        if self._unreadable < len(self._paths):
            self._count()

    def _count(self) -> None:
        if self._unreadable:
            self._console.warn(f"{self._unreadable} of {self._next} pictures could not be read and are left out")
        self._unreadable = 0
