"""A picture, every picture of a folder, or those that match a pattern."""

from __future__ import annotations

import glob
import time
from pathlib import Path

from ..console import Console
from ..errors import InputError
from ..folders import SUFFIXES, pictures
from ..native_noise import muted
from ..preprocess import read_image
from .frame import Frame, Spare


class ImageSource:
    """Pictures in the order of their paths.

    Unreadable ones of many are left out with a warning, and counted at the end; they raise when strict, and so does
    a single picture.
    """

    live = False

    def __init__(self, path: Path, console: Console, *, strict: bool) -> None:
        many = path.is_dir() or is_pattern(str(path))
        self._paths = listed(path) if many else [path]
        if not self._paths:
            what = "folder with pictures" if path.is_dir() else "pattern that pictures match"
            raise InputError(f"expected a {what}, received one without: {path}")
        self._where = path
        self._console, self._strict = console, strict or not many
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
            raise InputError(f"expected a folder with readable pictures, received one without: {self._where}")
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


def is_pattern(name: str) -> bool:
    """Tell whether a name is a pattern such as "photos/*.jpg", and not the name of a file that looks like one."""
    return glob.has_magic(name) and not Path(name).exists()


def listed(path: Path) -> list[Path]:
    """List the pictures of a folder, at any depth, or those that match a pattern, where ** is any depth; sorted."""
    if path.is_dir():
        return pictures(path)
    found = (Path(name) for name in glob.iglob(str(path), recursive=True))  # noqa: PTH207 - Path takes no absolute one
    return sorted(each for each in found if each.suffix.lower() in SUFFIXES and each.is_file())
