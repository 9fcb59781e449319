"""Locks on open files, for those that several runs write to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


@contextmanager
def locked(handle: int) -> Iterator[None]:
    """Hold a file alone, among all who ask in this way; where a system or a disk has no locks, nothing is held."""
    if fcntl is None:
        yield
        return
    with suppress(OSError):  # some network disks have none
        fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield
    finally:
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_UN)
