"""A picture, or every picture of a folder."""

from __future__ import annotations

import time
from pathlib import Path

from ..console import Console
from ..errors import InputError
from ..folders import pictures
from ..pixel_set import report_unreadable
from ..preprocess import read_image
from . import Frame


class ImageSource:
    """Pictures in the order of their paths; unreadable ones are left out with a warning, or raise when strict."""

    live = False

    def __init__(self, path: Path, console: Console, *, strict: bool) -> None:
        self._paths = pictures(path) if path.is_dir() else [path]
        if not self._paths:
            raise InputError(f"expected a folder with pictures, received one without: {path}")
        self._console, self._strict = console, strict
        self._next = 0
        self._failures: list[str] = []

    def read(self) -> Frame | None:
        """Decode the next readable picture."""
        while self._next < len(self._paths):
            path = self._paths[self._next]
            self._next += 1
            captured = time.monotonic()
            try:
                return Frame(read_image(path), str(path), self._next - 1, captured)
            except InputError as error:
                if self._strict:
                    raise
                self._failures.append(str(error))
        report_unreadable(self._failures, len(self._paths), self._console, strict=False)
        self._failures = []
        return None

    def close(self) -> None:
        """Nothing is held open."""
