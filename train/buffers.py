"""Memory for batches that is used again as soon as nobody holds it.

A batch of pictures is megabytes; asked for anew, each of its pages costs a fault, which took longer here than copying
the pixels into it. Aligned memory is also what TensorFlow takes over without a copy of its own.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

_ALIGNMENT = 64  # bytes, of the widest vector instructions


class Buffers:
    """Arrays of one dtype, for several threads; each stays the caller's for as long as it, or a view of it, is held."""

    def __init__(self, dtype: DTypeLike) -> None:
        self._dtype = np.dtype(dtype)
        self._owners: list[NDArray[np.uint8]] = []
        self._lock = Lock()

    def get(self, shape: Sequence[int]) -> NDArray[Any]:
        """Give an array of a shape, with whatever is in it."""
        with self._lock:
            return self._unheld(shape)

    def _unheld(self, shape: Sequence[int]) -> NDArray[Any]:
        size = int(np.prod(shape)) * self._dtype.itemsize
        for holders, owner in zip(_holders(self._owners), self._owners, strict=True):
            if holders == _UNHELD and len(owner) >= size + _ALIGNMENT:
                return self._view(owner, size, shape)
        owner = np.empty(size + _ALIGNMENT, np.uint8)
        self._owners.append(owner)
        return self._view(owner, size, shape)

    def _view(self, owner: NDArray[np.uint8], size: int, shape: Sequence[int]) -> NDArray[Any]:
        start = -owner.ctypes.data % _ALIGNMENT
        # A view's base is the owner itself, however it is cut, so that the owner's count knows of all of them.
        return owner[start : start + size].view(self._dtype).reshape(shape)


def _holders(arrays: Sequence[NDArray[Any]]) -> list[int]:
    return [sys.getrefcount(array) for array in arrays]


# What is counted for an array that only its list holds; how much of that is Python's own differs between versions.
_UNHELD = _holders([np.empty(0)])[0]
