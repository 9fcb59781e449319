"""A child's side of its two pipes."""

from __future__ import annotations

import os

from .. import typed_json
from .messages import Begun, Compared, Hosted, Task, line

_CHUNK = 65536


class Channel:
    """Standard input and output of this process, the latter out of reach of libraries that print."""

    def __init__(self) -> None:
        self._out = os.dup(1)
        os.dup2(2, 1)
        self._kept = b""

    def task(self) -> Task:
        """Read what is to be done."""
        return typed_json.loads(Task, self.line(), "task")

    def say(self, message: Begun | Compared | Hosted) -> None:
        """Say one thing."""
        self.write(line(message))

    def write(self, data: bytes) -> None:
        """Write bytes as they are."""
        while data:
            data = data[os.write(self._out, data) :]

    def line(self) -> bytes:
        """Wait for a line; empty where the other side has ended."""
        while b"\n" not in self._kept:
            if not (data := os.read(0, _CHUNK)):
                return b""
            self._kept += data
        found, _, self._kept = self._kept.partition(b"\n")
        return found

    def number(self) -> int | None:
        """Wait for a single byte; None where the other side has ended."""
        data = os.read(0, 1)
        return data[0] if data else None
