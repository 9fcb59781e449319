"""A worker of the campaign: asked by lines, watched by the clock, started anew when it has died."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path


class DiedError(Exception):
    """The worker ended instead of answering; the message says how."""


class HungError(Exception):
    """The worker did not answer in time."""


class Worker:
    """One process that answers a line with a line."""

    def __init__(self, program: Path, patience: float, environment: Mapping[str, str]) -> None:
        self._program, self._patience = program, patience
        self._environment = {**os.environ, **environment}
        self._process: subprocess.Popen[bytes] | None = None
        self.starts = 0

    def ask(self, *words: object) -> str:
        """Ask and wait for the answer; raises DiedError or HungError, after which another process is asked."""
        process = self._process or self._start()
        assert process.stdin is not None  # noqa: S101 - as it was started
        try:
            process.stdin.write(json.dumps(words).encode() + b"\n")
            process.stdin.flush()
        except BrokenPipeError:
            pass  # which reading tells better
        line = self._line(process)
        if not line.endswith(b"\n"):
            self.close()
            raise DiedError(f"ended with {process.returncode}")
        return line.decode()

    def close(self) -> None:
        """End the process, and all that it has started."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.communicate()
            self._process = None

    def _start(self) -> subprocess.Popen[bytes]:
        self.starts += 1
        self._process = subprocess.Popen(  # noqa: S603 - a program of the campaign
            [sys.executable, str(self._program)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
            env=self._environment,
        )
        return self._process

    def _line(self, process: subprocess.Popen[bytes]) -> bytes:
        """Read up to the end of a line, or of the worker."""
        assert process.stdout is not None  # noqa: S101 - as it was started
        line = b""
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while not line.endswith(b"\n"):
                if not selector.select(self._patience):
                    self.close()
                    raise HungError
                piece = os.read(process.stdout.fileno(), 1 << 16)
                if not piece:
                    break
                line += piece
        return line
