"""The parts of a multipart/x-mixed-replace stream, such as MJPEG over HTTP (RFC 2046, section 5.1)."""

from __future__ import annotations

import re
from enum import Enum, auto

from ..errors import InputError

_MOST_HEADER = 8 * 1024  # bytes of the header of one part
_MOST_PART = 16 * 1024 * 1024  # bytes of one part
_MOST_BETWEEN = 1024 * 1024  # bytes that belong to no part
_BLANK_LINE = re.compile(rb"(?:^|\r?\n)\r?\n")


class _Stage(Enum):
    BETWEEN = auto()  # before a delimiter
    HEADER = auto()
    CONTENT = auto()


class Parts:
    """Cuts a stream, which is fed as it comes in, into parts; works without input and output of its own.

    A part ends by its Content-Length, or where there is none by the next delimiter, which then has to come first.
    Servers that declare the dashes of the delimiter as part of the boundary are understood too.

    Args:
        boundary: as the server's Content-Type says.
        where: names the stream in messages.
    """

    def __init__(self, boundary: str, where: str) -> None:
        self.ended = False  # by the stream's own closing delimiter
        self._delimiter = b"--" + boundary.lstrip("-").encode()
        self._where = where
        self._buffer = bytearray()
        self._stage = _Stage.BETWEEN
        self._length: int | None = None  # of the part, where its header says so
        self._searched = 0  # bytes of the content in which no delimiter is
        self._between = 0

    def feed(self, data: bytes) -> None:
        """Take what came in."""
        self._buffer += data

    def next(self) -> bytes | None:
        """Give the next part that came in whole; None until more is fed.

        Raises:
            InputError: a part, its header or what lies between two parts is too long.
        """
        if self._stage is _Stage.BETWEEN:
            self._find_delimiter()
        if self._stage is _Stage.HEADER:
            self._read_header()
        return self._content() if self._stage is _Stage.CONTENT else None

    def _find_delimiter(self) -> None:
        at = self._buffer.find(self._delimiter)
        if at < 0:
            self._between += self._drop(max(0, len(self._buffer) - len(self._delimiter)))
            if self._between > _MOST_BETWEEN:
                raise self._too_long("a delimiter as the Content-Type says", _MOST_BETWEEN)
            return
        self._drop(at)
        line = self._buffer.find(b"\n")
        if self._buffer.startswith(b"--", len(self._delimiter)):
            self.ended = True
        elif line >= 0:
            self._drop(line + 1)
            self._between = 0
            self._stage = _Stage.HEADER
        elif len(self._buffer) > _MOST_HEADER:
            raise self._too_long("a delimiter on a line of its own", _MOST_HEADER)

    def _read_header(self) -> None:
        end = _BLANK_LINE.search(self._buffer, 0, _MOST_HEADER)
        if end is None:
            if len(self._buffer) >= _MOST_HEADER:
                raise self._too_long("the end of a part's header", _MOST_HEADER)
            return
        self._length = content_length(bytes(self._buffer[: end.start()]))
        if self._length is not None and self._length > _MOST_PART:
            raise self._too_long("a part", _MOST_PART)
        self._drop(end.end())
        self._stage, self._searched = _Stage.CONTENT, 0

    def _content(self) -> bytes | None:
        end, skipped = self._length, b""
        if end is None:
            end, skipped = self._buffer.find(self._delimiter, self._searched), b"\r\n-"
        if end > len(self._buffer):
            return None
        if end < 0:
            if len(self._buffer) > _MOST_PART:
                raise self._too_long("the end of a part", _MOST_PART)
            self._searched = max(0, len(self._buffer) - len(self._delimiter))
            return None
        part = bytes(self._buffer[:end]).rstrip(skipped) if skipped else bytes(self._buffer[:end])
        self._drop(end)
        self._stage = _Stage.BETWEEN
        return part

    def _drop(self, count: int) -> int:
        del self._buffer[:count]
        return count

    def _too_long(self, what: str, most: int) -> InputError:
        return InputError(f"expected {what} within {most} bytes, received more from {self._where}; it is no camera's")


def content_length(header: bytes) -> int | None:
    """Read the Content-Length of a part's header; None where there is none, or none that is a number."""
    for line in header.splitlines():
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            return int(value)
    return None
