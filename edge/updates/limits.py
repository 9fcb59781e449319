"""What a child is held to, by itself, before it looks at a candidate."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

_DEATH = 1  # PR_SET_PDEATHSIG of linux/prctl.h
_SIZE = Path("/proc/self/statm")  # of this process' memory; the first number is pages of addresses
_VICTIM = Path("/proc/self/oom_score_adj")


def confine(memory: int, niceness: int) -> None:
    """Bound this process.

    Where a system forbids one of these, a service's filter of system calls say, the others hold.

    Args:
        memory: bytes of addresses beyond those in use now; what is refused by them ends this process alone.
        niceness: added to the priority's number; 19 yields to everybody.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # the loop's process ends first, and this one with it
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_DEATH, signal.SIGKILL)
    with suppress(OSError):
        os.nice(niceness)
    with suppress(OSError):
        _VICTIM.write_text("1000")  # where memory runs out, this process goes first, and not the loop's
    with suppress(OSError, ValueError, ImportError):
        import resource

        pages = int(_SIZE.read_text().split()[0])
        bound = pages * resource.getpagesize() + memory
        resource.setrlimit(resource.RLIMIT_AS, (bound, bound))
