"""Memory that two processes share, and that is gone with the last of them, however they end."""

from __future__ import annotations

import mmap
import os
import tempfile

import numpy as np
from numpy.typing import NDArray


def create(size: int) -> int:
    """Make such memory, all zeros; gives its descriptor. What is never written to takes no room."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("edgeproof")
    else:
        with tempfile.TemporaryFile() as file:  # which has no name already
            descriptor = os.dup(file.fileno())
    os.ftruncate(descriptor, size)
    return descriptor


class Shared:
    """The memory of a descriptor, as arrays."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.size = os.fstat(descriptor).st_size
        self._bytes = mmap.mmap(descriptor, self.size)

    def array(self, shape: tuple[int, ...], dtype: str, at: int = 0) -> NDArray[np.generic]:
        """Give the array that begins at a byte; it holds on to the memory."""
        return np.ndarray(shape, dtype, self._bytes, at)

    def close(self) -> None:
        """Close the descriptor; the memory goes with the last array in it."""
        os.close(self.descriptor)
