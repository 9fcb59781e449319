"""One tensor of an ONNX model: as many numbers as its shape says, and no more than a device bears."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..modelfile.protobuf import BYTES, FIXED32, FIXED64, VARINT, Field, fields, varint
from .tensors import LARGEST

TENSOR = "tensor"  # the message's name in `onnx`

# Fields of TensorProto.
_DIMS, _TYPE, _STRINGS, _RAW, _LOCATION = 1, 2, 6, 9, 14
_INT32S = 5
_TYPED = {4: FIXED32, _INT32S: VARINT, 7: VARINT, 10: FIXED64, 11: VARINT}  # repeated numbers, packed or one by one
_WIDTHS = {FIXED32: 4, FIXED64: 8}
_EXTERNAL = 1  # a location
_STRING = 8
_COMPLEX = (14, 15)  # two numbers each
_BITS = {1: 32, 2: 8, 3: 8, 4: 16, 5: 16, 6: 32, 7: 64, 9: 8, 10: 16, 11: 64, 12: 32, 13: 64, 14: 64, 15: 128, 16: 16}
_BITS |= {17: 8, 18: 8, 19: 8, 20: 8, 21: 4, 22: 4, 23: 4, 24: 8, 25: 2, 26: 2}
_CONTINUED = bytes(range(0x80, 0x100))  # bytes of a varint that are not its last one
_MOST_DIMENSIONS = 32
_NEGATIVE = 2**63  # from here on; some exporters write −1 for a size that is left open
# Fields of TypeProto.Tensor, TensorShapeProto and its Dimension.
_SHAPE, _DIMENSION, _SIZE = 2, 1, 1


def check_tensor(data: bytes, found: Sequence[Field]) -> None:
    """Hold a tensor's numbers against its shape.

    Args:
        data: the model.
        found: the tensor's fields.

    Raises:
        ValueError: there are more or fewer, or they are elsewhere; the message is a noun.
    """
    if any(each.number == _LOCATION and each.value == _EXTERNAL for each in found):
        raise ValueError("weights in another file")
    elements = _elements(_numbers(data, [each for each in found if each.number == _DIMS]))
    kind = next((each.value for each in reversed(found) if each.number == _TYPE), 0)
    if kind == _STRING:
        stored, wanted = sum(each.number == _STRINGS for each in found), elements
    elif kind in _BITS:
        stored, wanted = _stored(data, found, kind, elements)
    else:
        raise ValueError(f"a tensor of the unknown type {kind}")
    if stored != wanted:
        raise ValueError(f"a tensor of {elements} elements with {stored} instead of {wanted} stored")


def check_type(data: bytes, found: Sequence[Field]) -> None:
    """See to it that a value is not said to be larger than a device bears; sizes that are left open are no part."""
    sizes = []
    for shape in (each for each in found if each.number == _SHAPE):
        for dimension in fields(data, shape.begin, shape.end, _MOST_DIMENSIONS):
            if dimension.number == _DIMENSION:
                sizes += [each.value for each in fields(data, dimension.begin, dimension.end) if each.number == _SIZE]
    _elements([size for size in sizes if size < _NEGATIVE])


def _stored(data: bytes, found: Sequence[Field], kind: int, elements: int) -> tuple[int, int]:
    """Give how much is stored and how much should be: bytes where they are raw, else numbers."""
    raw = [each for each in found if each.number == _RAW]
    typed = [each for each in found if each.number in _TYPED]
    if raw:
        if typed:
            raise ValueError("a tensor whose numbers are there twice")
        return raw[0].value, -(-elements * _BITS[kind] // 8)
    wanted = elements * 2 if kind in _COMPLEX else elements
    if _BITS[kind] < 8:
        wanted = -(-elements * _BITS[kind] // 8)
    return sum(_count(data, each) for each in typed), wanted


def _count(data: bytes, each: Field) -> int:
    """Count the numbers of one field: many, where they are packed."""
    if each.wire != BYTES:
        return 1
    wire = _TYPED[each.number]
    if wire == VARINT:
        return len(data[each.begin : each.end].translate(None, _CONTINUED))
    return each.value // _WIDTHS[wire]


def _numbers(data: bytes, found: Sequence[Field]) -> list[int]:
    numbers = []
    for each in found:
        position = each.begin
        while position < each.end:
            number, position = varint(data, position, each.end)
            numbers.append(number)
            if len(numbers) > _MOST_DIMENSIONS:
                raise ValueError("a tensor of too many dimensions")
    return numbers


def _elements(sizes: Sequence[int]) -> int:
    if any(size >= _NEGATIVE for size in sizes):
        raise ValueError("a tensor of a negative size")
    elements = math.prod(sizes)
    if elements > LARGEST:
        raise ValueError(f"a tensor of {elements} elements")
    return elements
