"""The heap of a process that runs for months."""

from __future__ import annotations

import ctypes

_MMAP_THRESHOLD = -3  # glibc's number for what is set (malloc.h: M_MMAP_THRESHOLD)
_LARGE = 128 * 1024  # bytes: glibc's own bound at the start; a frame of 320×240 pixels is larger


def give_back_large_blocks() -> bool:
    """Have the memory of each frame go back to the system as soon as it is free; False where the C library is another.

    Once a large block was freed, glibc keeps blocks of its size in the heap from then on, to save the system's work.
    Small ones that live for long then come to lie between them, and a frame needs a new place: a run on a camera in a
    network grew by three frames in an hour. Setting the bound, even to what it is, ends that (mallopt(3)).
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, TypeError, AttributeError):  # musl, macOS, Windows
        return False
    return bool(mallopt(_MMAP_THRESHOLD, _LARGE))
