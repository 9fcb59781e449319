"""The standard streams of a process: names that no terminal can show, closed pipes, full disks."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TextIO

from .errors import ExitCode, InputError


def prepare() -> None:
    """Make the streams fit for any text; done before the first word of a command.

    Raises:
        InputError: standard output is closed, so that no result could be read.
    """
    if sys.stderr is None:  # closed by the shell; native libraries write to the descriptor, so there must be one
        _discard_descriptor(2)
        sys.stderr = os.fdopen(2, "w", closefd=False)
    if sys.stdout is None:
        raise InputError("expected an open standard output, received a closed one; send it to /dev/null instead")
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)  # a test's or the demonstration's own stream has none
        if reconfigure is not None:
            # The name of a file need not be text at all; one strange letter shall not end a run.
            reconfigure(errors="backslashreplace")


def complain(line: str) -> ExitCode:
    """Print the one line of an error, if anyone listens; line ends within it, of a file's name say, become spaces."""
    try:
        sys.stderr.write(f"error: {' '.join(line.splitlines())}\n")
        sys.stderr.flush()
    except OSError:
        _discard(sys.stderr)
    return ExitCode.BAD_INPUT


def finish(code: int) -> int:
    """Write out what the streams still hold, while an error can be reported; gives the exit code of the process."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        abandon()
    except OSError as error:
        _discard(sys.stdout)
        # Whoever met the error while printing has reported it.
        return code if code == ExitCode.BAD_INPUT else complain(unwritable(error))
    return code


def abandon() -> None:
    """Write nothing more: the reader of our output, `head` say, has left, which is no error of ours."""
    _discard(sys.stdout)
    _discard(sys.stderr)


def unwritable(error: OSError) -> str:
    """Word an error of the operating system."""
    where = f": {error.filename}" if error.filename else ""
    return f"expected files that can be read and written, received {error.strerror or error}{where}"


def _discard(stream: TextIO) -> None:
    # Python writes what a stream holds once more when it ends, and would complain on many lines.
    with suppress(OSError):  # a test's own stream has no descriptor
        _discard_descriptor(stream.fileno())


def _discard_descriptor(descriptor: int) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    if nowhere != descriptor:
        os.dup2(nowhere, descriptor)
        os.close(nowhere)
