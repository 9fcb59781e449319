"""Python in a process of its own: what crashes there is a finding here."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from .signal_names import signal_name

_PATIENCE = 60.0  # seconds; a package's first import on a slow card may take many
_LONGEST = 200  # characters of an error
_MOST = 4 << 20  # bytes of what a child says; more is not read, whoever wrote it
_PIECE = 1 << 16  # bytes that are read or written at a time


@dataclass(frozen=True)
class Ended:
    """How a child ended: `code` as the shell has it, or None where it was too slow; `signal` is what killed it."""

    code: int | None
    out: str
    error: str
    signal: str | None

    @property
    def failure(self) -> str | None:
        """Say in one line why it did not end well; None where it did."""
        if self.code == 0:
            return None
        if self.signal is not None:
            return f"crashed ({self.signal})"
        if self.code is None:
            return "did not end in time"
        lines = [line.strip() for line in self.error.splitlines() if line.strip()]
        return lines[-1][:_LONGEST] if lines else f"ended with {self.code}"


def run_python(
    words: Sequence[str],
    patience: float = _PATIENCE,
    data: bytes = b"",
    environment: Mapping[str, str] | None = None,
) -> Ended:
    """Run this Python with arguments (`-c`, code; or `-m`, module, …) and wait for its end.

    It is in a session of its own, so that it ends with all that it has started, and has no open file of this process
    but the pipes.

    Args:
        words: the arguments.
        patience: seconds after which it is ended.
        data: what it reads from standard input.
        environment: added to this process' own.

    Raises:
        OSError: no process could be started.
    """
    process = subprocess.Popen(  # noqa: S603 - this Python, by its own path
        [sys.executable, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        start_new_session=True,
        env={**os.environ, **(environment or {})},
        cwd=sys.prefix,  # or a file named like a package, in the working directory, would be taken for it
    )
    with process:
        try:
            out, error = _exchange(process, data, time.monotonic() + patience)
            code = process.poll()
        finally:
            with suppress(ProcessLookupError, PermissionError):  # it has ended, and left nothing behind
                os.killpg(process.pid, signal.SIGKILL)
    name = None if code is None or code >= 0 else signal_name(-code)
    return Ended(code, out.decode(errors="replace"), error.decode(errors="replace"), name)


def _exchange(process: subprocess.Popen[bytes], data: bytes, deadline: float) -> tuple[bytes, bytes]:
    """Write all of `data` and read what the child says, until it has ended or the time is over."""
    said = {stream.fileno(): bytearray() for stream in (process.stdout, process.stderr) if stream is not None}
    left = memoryview(data)
    with selectors.DefaultSelector() as selector:
        for descriptor in said:
            selector.register(descriptor, selectors.EVENT_READ)
        if process.stdin is not None:
            os.set_blocking(process.stdin.fileno(), False)
            selector.register(process.stdin, selectors.EVENT_WRITE)
        while selector.get_map() and (rest := deadline - time.monotonic()) > 0:
            for key, _ in selector.select(rest):
                if key.fd in said:
                    if not _read(key.fd, said[key.fd]):
                        selector.unregister(key.fd)
                elif not (left := _written(key.fd, left)) and process.stdin is not None:
                    selector.unregister(process.stdin)
                    process.stdin.close()  # which tells the child that this was all
    with suppress(subprocess.TimeoutExpired):
        process.wait(max(0.0, deadline - time.monotonic()))
    out, error = said.values()
    return bytes(out), bytes(error)


def _written(descriptor: int, left: memoryview) -> memoryview:
    try:
        return left[os.write(descriptor, left[:_PIECE]) :]
    except BlockingIOError:
        return left
    except BrokenPipeError:
        return left[len(left) :]  # it has ended, or wants no more


def _read(descriptor: int, into: bytearray) -> bool:
    piece = os.read(descriptor, _PIECE)
    if len(into) < _MOST:
        into += piece
    return bool(piece)
