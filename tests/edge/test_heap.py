"""Memory of frames that are gone, in a process of its own, as the heap cannot be set back."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="sets a bound of glibc's heap")

# Frames of a megabyte, with what lives for long between them; in the end the frames go.
PROGRAM = """
import os, sys
import numpy as np
from edgeproof.edge.heap import give_back_large_blocks

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

if sys.argv[1] == "set":
    assert give_back_large_blocks()
frame = np.ones(1_000_000, np.uint8)
del frame
before = resident()
frames, small = [], []
for _ in range(20):
    frames.append(np.ones(1_000_000, np.uint8))
    small.append(np.ones(40_000, np.uint8))  # for which no place is left between older ones
most = resident()
frames.clear()
print(most - before, resident() - before)
"""


def megabytes(how: str) -> tuple[float, float]:
    """Give by how much memory rose with the frames, and what of it was left without them."""
    done = subprocess.run(  # noqa: S603 - ourselves
        [sys.executable, "-c", PROGRAM, how], capture_output=True, text=True, check=True, timeout=60
    )
    most, left = map(float, done.stdout.split())
    return most, left


def test_memory_of_frames_goes_back_to_the_system() -> None:
    most, left = megabytes("set")
    assert most > 19
    assert left < 2


def test_without_it_small_blocks_keep_frames_that_are_gone() -> None:
    """Or there would be no need for it."""
    most, left = megabytes("unset")
    assert most > 19
    assert left > 15
