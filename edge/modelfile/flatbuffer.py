"""Reading flatbuffers without their package, which a device need not have and which checks no offset.

Source: the binary format of FlatBuffers (https://flatbuffers.dev/internals/). A table begins with the distance back to
its vtable, which has the place of each field in the table, 0 for one that was left out. Whatever is not a small number
stands elsewhere, as far ahead as the field says. All numbers are little-endian.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

_UINT16, _UINT32, _INT32, _BYTE = struct.Struct("<H"), struct.Struct("<I"), struct.Struct("<i"), struct.Struct("<B")
_UINT64 = struct.Struct("<Q")
_POINTER = 4  # bytes
_MOST_FLOATS = 4096  # in one vector; what is read here has one for each channel
_MOST_TABLES = 100_000  # in one vector, which may say that it has millions, all of them the same


class MalformedError(ValueError):
    """A flatbuffer that points beyond its own end, or holds something else than it says."""


@dataclass(frozen=True)
class Table:
    """A table at a place in a flatbuffer; fields are asked for by their number in the schema.

    Every method raises MalformedError where the bytes do not hold what they should.
    """

    data: bytes
    position: int

    @classmethod
    def root(cls, data: bytes) -> Table:
        """Find the outermost table."""
        return cls(data, _number(_UINT32, data, 0))

    def byte(self, field: int) -> int:
        """Read an enum or another number of one byte; 0 where it is left out."""
        place = self._place(field)
        return 0 if place is None else _number(_BYTE, self.data, place)

    def number(self, field: int) -> int:
        """Read an unsigned number of four bytes; 0 where it is left out."""
        place = self._place(field)
        return 0 if place is None else _number(_UINT32, self.data, place)

    def signed(self, field: int, default: int = 0) -> int:
        """Read a signed number of four bytes."""
        place = self._place(field)
        return default if place is None else _number(_INT32, self.data, place)

    def long(self, field: int) -> int:
        """Read an unsigned number of eight bytes; 0 where it is left out."""
        place = self._place(field)
        return 0 if place is None else _number(_UINT64, self.data, place)

    def table(self, field: int) -> Table | None:
        """Find another table, or a union's value."""
        place = self._place(field)
        return None if place is None else self._pointed(place)

    def tables(self, field: int) -> Iterator[Table]:
        """Go through a vector of tables, one at a time."""
        start, count = self._vector(field, _POINTER)
        if count > _MOST_TABLES:
            raise MalformedError(f"{count} tables at byte {start}")
        return (self._pointed(start + _POINTER * index) for index in range(count))

    def length(self, field: int) -> int:
        """Count the bytes of a vector of bytes, or the tables of one of tables; 0 where it is left out."""
        return self._vector(field, 1)[1]

    def content(self, field: int) -> bytes:
        """Read a vector of bytes; empty where it is left out."""
        start, count = self._vector(field, 1)
        return self.data[start : start + count]

    def text(self, field: int) -> str:
        """Read a string; empty where it is left out."""
        try:
            return self.content(field).decode()
        except UnicodeDecodeError as error:
            raise MalformedError(f"a string that is no UTF-8 at byte {self.position}") from error

    def floats(self, field: int) -> tuple[float, ...]:
        """Read a vector of float32; empty where it is left out."""
        start, count = self._vector(field, 4)
        if count > _MOST_FLOATS:
            raise MalformedError(f"{count} numbers at byte {start}")
        return struct.unpack_from(f"<{count}f", self.data, start)

    def numbers(self, field: int, kind: str, most: int) -> tuple[int, ...]:
        """Read a vector of whole numbers, at most so many; empty where it is left out. `kind` is one of `struct`'s."""
        start, count = self._vector(field, struct.calcsize(f"<{kind}"))
        if count > most:
            raise MalformedError(f"{count} numbers at byte {start}")
        return struct.unpack_from(f"<{count}{kind}", self.data, start)

    def _place(self, field: int) -> int | None:
        vtable = self.position - _number(_INT32, self.data, self.position)
        place = _UINT16.size * (2 + field)  # behind the sizes of vtable and table
        if place + _UINT16.size > _number(_UINT16, self.data, vtable):
            return None  # written by a schema that had no such field yet
        offset = _number(_UINT16, self.data, vtable + place)
        return self.position + offset if offset else None

    def _pointed(self, place: int) -> Table:
        return Table(self.data, place + _number(_UINT32, self.data, place))

    def _vector(self, field: int, width: int) -> tuple[int, int]:
        """Give start and length of a vector whose elements are of `width` bytes."""
        place = self._place(field)
        if place is None:
            return 0, 0
        begin = place + _number(_UINT32, self.data, place)
        count = _number(_UINT32, self.data, begin)
        start = begin + _POINTER
        if start + count * width > len(self.data):
            raise MalformedError(f"a vector that ends beyond the data at byte {begin}")
        return start, count


def _number(kind: struct.Struct, data: bytes, position: int) -> int:
    if not 0 <= position <= len(data) - kind.size:
        raise MalformedError(f"an offset beyond the data at byte {position}")
    (value,) = kind.unpack_from(data, position)
    return int(value)
