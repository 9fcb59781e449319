"""Reading protobuf messages without their package, which a device need not have: fields, one after the other.

Source: the protobuf encoding (https://protobuf.dev/programming-guides/encoding/).
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from dataclasses import dataclass

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
_WIDTHS = {FIXED64: 8, FIXED32: 4}
_MOST = 1_000_000  # fields of one message; a file of millions of empty ones would take memory of its own for each

Data = bytes | mmap.mmap


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message: its number and wire type, where it begins, and where its value is.

    `value` is the number itself in a varint, and the length in bytes in the others.
    """

    number: int
    wire: int
    start: int
    begin: int
    end: int
    value: int


def fields(data: Data, begin: int = 0, end: int | None = None, most: int = _MOST) -> Iterator[Field]:
    """Go through the fields of the message from one byte to another.

    Raises:
        ValueError: the bytes are no message, or one of more fields than `most`; only once what is before was given.
    """
    end = len(data) if end is None else end
    position, count = begin, 0
    while position < end:
        count += 1
        if count > most:
            raise ValueError(f"more than {most} fields")
        start = position
        tag, position = varint(data, position, end)
        number, wire = tag >> 3, tag & 7
        if wire == VARINT:
            value, stop = varint(data, position, end)
        elif wire == BYTES:
            value, position = varint(data, position, end)
            stop = position + value
        elif wire in _WIDTHS:
            value = _WIDTHS[wire]
            stop = position + value
        else:
            raise ValueError(f"wire type {wire} at byte {start}")
        if not 0 < number < 2**29 or stop > end:
            raise ValueError(f"a field that ends beyond its message at byte {start}")
        yield Field(number, wire, start, position, stop, value)
        position = stop


def varint(data: Data, position: int, end: int) -> tuple[int, int]:
    """Read a number of up to ten bytes that ends before `end`; gives it and where it ends. Raises ValueError."""
    value = 0
    for shift in range(0, 70, 7):
        if position >= end:
            break
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & (2**64 - 1), position
    raise ValueError(f"a number without end at byte {position}")
