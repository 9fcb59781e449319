"""A child as the loop's process sees it: started, spoken to, waited for with patience, and ended for good."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from ..errors import InputError
from ..signal_names import signal_name
from .messages import Task, line

_CHUNK = 65536
_LONGEST = 8 << 20  # bytes of one line
_SLICE = 0.2  # seconds between two looks whether the run is over
_ENDING = 2.0  # seconds for a child whose pipe is closed already


class LateError(InputError):
    """A child did not answer in time."""


class Child:
    """A process of this Python; one thread may close it while another still speaks to it.

    Args:
        program: what it runs: `-m` and a module, say.
        task: what it is to do; its shared memory is handed on.
    """

    def __init__(self, program: Sequence[str], task: Task) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - this Python, by its own path
            [sys.executable, *program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            cwd=sys.prefix,  # or a file named like a package, in the working directory, would be taken for it
            pass_fds=(task.shared,),
            start_new_session=True,  # Ctrl-C is for the loop
        )
        assert self._process.stdin is not None and self._process.stdout is not None  # noqa: S101, PT018 - asked for
        self._in, self._out = self._process.stdin.fileno(), self._process.stdout.fileno()
        self._poll = select.poll()
        self._poll.register(self._out, select.POLLIN)
        self._kept = b""
        # Of a pipe that is closed, the number is soon that of another file of this process.
        self._lock, self._is_closed = threading.Lock(), False
        self.send(line(task))

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def send(self, data: bytes) -> None:
        """Write to it; little enough that the pipe takes it at once.

        Raises:
            InputError: it has ended.
        """
        with self._lock, suppress(OSError):
            if not self._is_closed:
                os.write(self._in, data)
                return
        raise self.ended()

    def read(self, size: int, patience: float) -> bytes:
        """Wait for so many bytes.

        Raises:
            LateError: they did not come within so many seconds.
            InputError: it has ended.
        """
        end = time.monotonic() + patience
        while len(self._kept) < size:
            self._receive(end, patience)
        found, self._kept = self._kept[:size], self._kept[size:]
        return found

    def line(self, patience: float) -> bytes:
        """Wait for a line; raises as `read` does."""
        end = time.monotonic() + patience
        while b"\n" not in self._kept:
            if len(self._kept) > _LONGEST:
                raise InputError(f"expected a line of at most {_LONGEST} bytes from the child, received more")
            self._receive(end, patience)
        found, _, self._kept = self._kept.partition(b"\n")
        return found

    def opened_line(self, patience: float, is_over: Callable[[], bool]) -> bytes:
        """Wait for the line after an opening, which may take long; raises as `read` does, or where the run is over."""
        end = time.monotonic() + patience
        while not self._poll.poll(_SLICE * 1e3):
            if is_over():
                raise InputError("expected a run that goes on, received its end")
            if time.monotonic() > end:
                raise LateError(f"expected it to open within {patience:g} s, received nothing")
        return self.line(patience)

    def ended(self) -> InputError:
        """Say how it ended, or kill it where it has only closed its pipe."""
        try:
            code = self._process.wait(_ENDING)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        how = f"crashed ({signal_name(-code)})" if code < 0 else f"ended with {code}"
        return InputError(f"expected a model that runs, received one whose process {how}")

    def close(self) -> None:
        """End it at once, whatever it does."""
        with suppress(OSError):
            self._process.kill()
        self._process.wait()
        with self._lock:
            self._is_closed = True
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    pipe.close()

    def _receive(self, end: float, patience: float) -> None:
        left = end - time.monotonic()
        if not self._poll.poll(max(0.0, left * 1e3)):
            raise LateError(f"expected an answer within {patience:g} s, received none")
        with self._lock:
            data = b"" if self._is_closed else os.read(self._out, _CHUNK)
        if not data:
            raise self.ended()
        self._kept += data
