"""A folder that new model files are put into: what has settled there since the last look.

Looked into, not listened to: network disks and sticks tell nobody of a change.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..contract import Format

SUFFIXES = tuple(f".{kind.value}" for kind in Format)
LARGEST = 4 << 30  # bytes of a file
_MOST = 1000  # files that are looked at; a folder of more is none for models
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Stamp:
    """What tells, without reading it, that a file is another one than before: size, time in ns, and inode."""

    size: int
    modified: int
    inode: int


@dataclass(frozen=True)
class Found:
    """A file that has settled; `sha256` is over all of its bytes."""

    path: Path
    sha256: str


class Folder:
    """Finds each model file once that was the same at two looks: half of a copy grows in between.

    Hidden files are left out, and so is what is no file of its own, .tflite or .onnx.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._last: dict[Path, Stamp] = {}
        self._given: dict[Path, Stamp] = {}

    def look(self, is_over: Callable[[], bool] = lambda: False) -> list[Found]:
        """Give the files that have settled, the newest first; one that was given is given again when it changes.

        Args:
            is_over: asked now and then, because a large file takes a while.

        Raises:
            OSError: the folder cannot be read.
        """
        now = self._listed()
        settled = [path for path, stamp in now.items() if self._last.get(path) == stamp]
        self._last = now
        self._given = {path: stamp for path, stamp in self._given.items() if path in now}
        fresh = [path for path in settled if self._given.get(path) != now[path]]
        found = []
        for path in sorted(fresh, key=lambda path: (now[path].modified, path), reverse=True):
            if (digest := _hashed(path, is_over)) is not None:
                self._given[path] = now[path]
                found.append(Found(path, digest))
        return found

    def forget(self, found: Found) -> None:
        """Give a file again at the next look."""
        self._given.pop(found.path, None)

    def _listed(self) -> dict[Path, Stamp]:
        listed: dict[Path, Stamp] = {}
        with os.scandir(self.path) as entries:
            for entry in entries:
                if entry.name.startswith(".") or not entry.name.lower().endswith(SUFFIXES):
                    continue
                try:
                    state = entry.stat()
                except OSError:  # taken away meanwhile, or a link to nowhere
                    continue
                if stat.S_ISREG(state.st_mode) and 0 < state.st_size <= LARGEST and len(listed) < _MOST:
                    listed[Path(entry.path)] = Stamp(state.st_size, state.st_mtime_ns, state.st_ino)
        return listed


def hashed(path: Path) -> str:
    """Hash a file, a part at a time.

    Raises:
        OSError: it cannot be read.
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while data := file.read(_CHUNK):
            digest.update(data)
    return digest.hexdigest()


def _hashed(path: Path, is_over: Callable[[], bool]) -> str | None:
    """Hash a file that may be gone by now, or lie on a stick that was pulled; None there, until it is back."""
    try:
        return None if is_over() else hashed(path)
    except OSError:
        return None
