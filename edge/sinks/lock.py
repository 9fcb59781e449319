"""Locks on open files, for those that several runs write to."""

from __future__ import annotations

import errno
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_PATIENCE = 0.25  # seconds; a run holds a lock for less than a millisecond, but it may wait for a processor meanwhile
_STEP = 0.0001  # seconds between two tries; longer ones would hardly ever meet a moment at which it is free


@contextmanager
def locked(handle: int) -> Iterator[None]:
    """Hold a file alone, among all who ask in this way; where a system or a disk has no locks, nothing is held.

    Raises:
        TimeoutError: somebody else holds it for longer than a moment, for which the loop shall not wait.
    """
    if fcntl is None:
        yield
        return
    _take(handle)
    try:
        yield
    finally:
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_UN)


def _take(handle: int) -> None:
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > end:
                raise TimeoutError(errno.ETIMEDOUT, "a lock that another program holds") from None
        except OSError:  # some network disks have none
            return
        time.sleep(_STEP)
