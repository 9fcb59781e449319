"""One tensor of a TFLite model: its shape, its constant bytes if it has some, and its quantization."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..modelfile.flatbuffer import MalformedError, Table

LARGEST = 2**30  # bytes of one tensor

_SHAPE, _TYPE, _BUFFER, _QUANTIZATION, _IS_VARIABLE, _SPARSITY, _SIGNATURE = 0, 1, 2, 4, 5, 6, 7
_SCALE, _ZERO_POINT, _DIMENSION = 2, 3, 6
_MOST_DIMENSIONS = 8
_MOST_CHANNELS = 1_000_000
_BITS = {0: 32, 1: 16, 2: 32, 3: 8, 4: 64, 6: 8, 7: 16, 8: 64, 9: 8, 10: 64, 11: 128, 12: 64, 15: 32, 16: 16}
_BITS |= {17: 4, 18: 16, 19: 2, 20: 4, 21: 8, 22: 8}  # newer ones, some of which may be stored a byte each
_STRING, _RESOURCE, _VARIANT = 5, 13, 14
_ZERO_POINTS = {3: (0, 255), 7: (-(2**15), 2**15 - 1), 9: (-128, 127)}


class Tensor:
    """A tensor that was looked at; `is_given` tells whether it has its values before anything runs.

    Raises:
        MalformedError: it does not hold together.
    """

    def __init__(self, table: Table, buffers: Sequence[int]) -> None:
        self._table = table
        self.type = table.byte(_TYPE)
        self.shape = table.numbers(_SHAPE, "i", _MOST_DIMENSIONS)
        signature = table.numbers(_SIGNATURE, "i", _MOST_DIMENSIONS)
        if min(self.shape, default=0) < 0 or min(signature, default=0) < -1:
            raise MalformedError(f"a tensor of shape {self.shape}")
        if table.table(_SPARSITY) is not None:
            raise MalformedError("a sparse tensor, whose indices nobody bounds")
        self.elements = math.prod(self.shape)
        self.size = self._size()
        buffer = table.number(_BUFFER)
        if buffer >= len(buffers):
            raise MalformedError(f"a tensor in buffer {buffer} of {len(buffers)}")
        self._check_constant(buffers[buffer])
        self.is_given = bool(buffers[buffer]) or not self.elements or bool(table.byte(_IS_VARIABLE))
        self._check_quantization()

    def _size(self) -> int:
        """Give its bytes; 0 for what has no size of its own."""
        if self.type in (_STRING, _RESOURCE, _VARIANT):
            return 0
        if self.type not in _BITS:
            raise MalformedError(f"a tensor of the unknown type {self.type}")
        size = -(-self.elements * _BITS[self.type] // 8)
        if size > LARGEST:
            raise MalformedError(f"a tensor of {size} bytes, shape {self.shape}")
        return size

    def _check_constant(self, stored: int) -> None:
        if not stored:
            return
        if self.type in (_STRING, _RESOURCE, _VARIANT):
            raise MalformedError("a constant that is no number")
        whole = stored == self.size or (_BITS[self.type] < 8 and stored == self.elements)
        if not whole:
            raise MalformedError(f"a constant of {stored} bytes for a tensor of {self.size}, shape {self.shape}")

    def _check_quantization(self) -> None:
        quantization = self._table.table(_QUANTIZATION)
        if quantization is None:
            return
        scales = quantization.numbers(_SCALE, "I", _MOST_CHANNELS)
        zeros = quantization.numbers(_ZERO_POINT, "q", _MOST_CHANNELS)
        # The bits of a float32: below the sign, those from the infinite on are no numbers, and a scale has no sign.
        if any(bits >= 0x7F800000 for bits in scales):
            raise MalformedError("a scale that is no positive number")
        low, high = _ZERO_POINTS.get(self.type, (-(2**31), 2**31 - 1))
        if any(not low <= zero <= high for zero in zeros):
            raise MalformedError("a zero point beyond its type")
        if len(scales) > 1 or len(zeros) > 1:
            self._check_channels(quantization.signed(_DIMENSION), len(scales), len(zeros))

    def _check_channels(self, dimension: int, scales: int, zeros: int) -> None:
        if not 0 <= dimension < len(self.shape):
            raise MalformedError(f"a quantized dimension {dimension} of {len(self.shape)}")
        if scales != self.shape[dimension] or zeros not in (0, 1, scales):
            raise MalformedError(f"{scales} scales and {zeros} zero points for {self.shape[dimension]} channels")
