"""Answers as JSON lines in a file that is rotated by its size."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from ..answer import Answer
from ..console import Console
from ..errors import InputError
from .lines import json_line
from .lock import locked
from .outage import PAUSE, Outage

_BEGINNING = b'{"source": '  # of every line
_TAIL = 1 << 20  # bytes that are searched at once for the end of the last whole line


class LogSink:
    """Appends one JSON object per frame; FILE becomes FILE.1, FILE.1 becomes FILE.2, and so on, once it is full.

    Every file holds whole lines only, whatever happens: a line is one write, and what a full disk took of it is cut off
    again. A file that somebody else moves away or empties is noticed at the next line. Several runs may write to the
    same file: whoever writes or rotates holds a lock on the file that is at the path.

    Args:
        path: the file; its folder is made.
        size: how many bytes it may have.
        keep: how many full files are kept beside it.
        console: where a warning goes when it cannot be written.
        pause: seconds until the next try after that.

    Raises:
        InputError: the file holds something else than such lines.
        OSError: it cannot be opened.
    """

    def __init__(self, path: Path, size: int, keep: int, console: Console, pause: float = PAUSE) -> None:
        self._path, self._size, self._keep = path, size, keep
        self._lost = 0  # lines that could not be written
        self._outage = Outage("--log", console, pause)
        if _is_no_file(path):
            raise InputError(f"expected a file for --log, received a device or a pipe: {path}; --json prints lines")
        path.parent.mkdir(parents=True, exist_ok=True)
        self._handle: int | None = _open(path)
        try:
            with locked(self._handle):  # a line that another run is writing is not a broken one
                _cut_broken_line(self._handle, path)
        except BaseException:
            self.close()
            raise

    def write(self, answer: Answer) -> None:
        """Append one object."""
        if self._outage.paused:
            self._lost += 1
            return
        line = json_line(answer).encode()
        try:
            self._append(line)
        except OSError as error:
            self._lost += 1
            self._outage.begin(self._path, error)
        else:
            self._outage.end(self._path, self._lost)

    def close(self) -> None:
        """Close the file."""
        if self._handle is not None:
            os.close(self._handle)
        self._handle = None

    def _append(self, line: bytes) -> None:
        while True:
            if self._handle is None:
                self._path.parent.mkdir(parents=True, exist_ok=True)  # somebody may have removed it, with the log
                self._handle = _open(self._path)
            handle = self._handle
            with locked(handle):
                if self._is_current():  # it may have been rotated by another run, while this one waited, or moved away
                    size = os.fstat(handle).st_size
                    if not size or size + len(line) <= self._size:
                        _write(handle, line, size)
                        return
                    self._rotate()
            self.close()

    def _is_current(self) -> bool:
        """Tell whether the open file is the one that is at the path now."""
        try:
            return self._handle is not None and os.path.samestat(os.fstat(self._handle), self._path.stat())
        except FileNotFoundError:
            return False

    def _rotate(self) -> None:
        """Move the files on, the one at the path last; what somebody else moves away meanwhile needs no moving.

        Those behind a free number stay: it is there where a loss of power ended an earlier rotation halfway.
        """
        free = next((n for n in range(1, self._keep) if not self._numbered(n).exists()), self._keep)
        for number in range(free - 1, 0, -1):
            _move(self._numbered(number), self._numbered(number + 1))
        _move(self._path, self._numbered(1))

    def _numbered(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")


def _is_no_file(path: Path) -> bool:
    """Tell whether something else is there; looked at once, since another run may move its file away meanwhile."""
    try:
        return not stat.S_ISREG(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o666)


def _write(handle: int, line: bytes, size: int) -> None:
    """Append a line to a file of `size` bytes, or nothing."""
    try:
        done = os.write(handle, line)
        while done < len(line):  # a disk that fills up takes a part, and says why at the next try
            done += os.write(handle, line[done:])
    except BaseException:
        os.ftruncate(handle, size)
        raise


def _move(path: Path, to: Path) -> None:
    with suppress(FileNotFoundError):
        path.replace(to)


def _cut_broken_line(handle: int, path: Path) -> None:
    """Cut off the line that a loss of power left unfinished, so that the next one begins on a line of its own.

    Some disks keep a file's new length and not what was written: what is there instead are zeros, to the end.
    """
    head = os.pread(handle, len(_BEGINNING), 0)
    if not _BEGINNING.startswith(head) and head.strip(b"\0"):
        raise InputError(f"expected a log of edgeproof for --log, received a file of something else: {path}")
    size = end = os.fstat(handle).st_size
    while end:
        start = max(0, end - _TAIL)
        place = os.pread(handle, end - start, start).rfind(b"\n") + 1
        if place:
            end = start + place
            break
        end = start
    if end < size:
        os.ftruncate(handle, end)
