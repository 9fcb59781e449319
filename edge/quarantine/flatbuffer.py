"""Whether a flatbuffer stays within its own bytes, by a schema: all tables, vtables, vectors and strings.

Interpreters follow offsets where they lead; this follows them first. Source: the binary format of FlatBuffers
(https://flatbuffers.dev/internals/), whose own verifier in C++ asks the same of a buffer.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..modelfile.flatbuffer import MalformedError

_UINT16, _UINT32, _INT32 = struct.Struct("<H"), struct.Struct("<I"), struct.Struct("<i")
_POINTER = 4  # bytes
_HEAD = 4  # bytes of a vtable, before its first field, and the least that a table has
_MOST_TABLES, _MOST_FIELDS = 100_000, 1_000_000  # InceptionV3 has 1,000 tables; pointers to one may be millions
_LONGEST_VTABLE = 256  # bytes; the longest of TFLite's has 18 fields


@dataclass(frozen=True)
class Scalar:
    """A number in the table itself, of `width` bytes."""

    width: int


@dataclass(frozen=True)
class Vector:
    """A vector of numbers of `width` bytes."""

    width: int


@dataclass(frozen=True)
class Text:
    """A string, which ends in a zero byte that its length leaves out."""


@dataclass(frozen=True)
class Of:
    """Another table."""

    kind: Kind


@dataclass(frozen=True)
class Tables:
    """A vector of tables."""

    kind: Kind


@dataclass(frozen=True)
class Union:
    """A table of the kind that the one-byte field `told_by` says; of one of an unknown kind, the own bounds count."""

    told_by: int
    kinds: Mapping[int, Kind]


Field = Scalar | Vector | Text | Of | Tables | Union


@dataclass(frozen=True)
class Kind:
    """A table of the schema: its name and its fields by number; those left out are numbers of at most four bytes."""

    name: str
    fields: Mapping[int, Field] = field(default_factory=dict)


_UNKNOWN = Kind("unknown")


class Bounds:
    """One walk through a buffer; raises MalformedError at the first thing that leaves it."""

    def __init__(self, data: bytes) -> None:
        self._data, self._end = data, len(data)
        self._seen: set[tuple[int, str]] = set()
        self._fields = 0

    def check(self, root: Kind) -> None:
        """Follow everything from the root table on."""
        self._table(self._pointed(0), root)

    def _table(self, position: int, kind: Kind) -> None:
        if (position, kind.name) in self._seen:
            return
        self._seen.add((position, kind.name))
        if len(self._seen) > _MOST_TABLES or self._fields > _MOST_FIELDS:
            raise MalformedError(f"more than {_MOST_TABLES} tables or {_MOST_FIELDS} fields")
        self._within(position, _POINTER, _POINTER)
        vtable = position - int(_INT32.unpack_from(self._data, position)[0])
        self._within(vtable, _HEAD, _UINT16.size)
        own, size = (int(_UINT16.unpack_from(self._data, vtable + at)[0]) for at in (0, 2))
        if not _HEAD <= own <= _LONGEST_VTABLE or own % 2 or size < _HEAD:
            raise MalformedError(f"a table of impossible sizes at byte {position}")
        self._within(vtable, own, 2)
        self._within(position, size, _POINTER)
        self._fields += own // 2
        for number, (offset,) in enumerate(_UINT16.iter_unpack(self._data[vtable + _HEAD : vtable + own])):
            if offset:
                self._field(position, offset, size, kind, number)

    def _field(self, position: int, offset: int, size: int, kind: Kind, number: int) -> None:
        what = kind.fields.get(number)
        width = what.width if isinstance(what, Scalar) else 1 if what is None else _POINTER
        place = position + offset
        if offset < _HEAD or offset + width > size or place % width:
            raise MalformedError(f"field {number} of {kind.name} outside its table at byte {position}")
        if isinstance(what, Vector):
            self._vector(self._pointed(place), what.width)
        elif isinstance(what, Text):
            self._text(self._pointed(place))
        elif isinstance(what, Of):
            self._table(self._pointed(place), what.kind)
        elif isinstance(what, Union):
            self._table(self._pointed(place), what.kinds.get(self._byte(position, what.told_by), _UNKNOWN))
        elif isinstance(what, Tables):
            self._tables(self._pointed(place), what.kind)

    def _tables(self, begin: int, kind: Kind) -> None:
        count = self._vector(begin, _POINTER)
        if count > _MOST_TABLES:
            raise MalformedError(f"a vector of {count} tables at byte {begin}")
        for place in range(begin + _POINTER, begin + _POINTER * (1 + count), _POINTER):
            self._table(self._pointed(place), kind)

    def _vector(self, begin: int, width: int) -> int:
        """See to it that a vector lies within; gives how many elements it has."""
        self._within(begin, _POINTER, _POINTER)
        count = int(_UINT32.unpack_from(self._data, begin)[0])
        self._within(begin + _POINTER, count * width, width)
        return count

    def _text(self, begin: int) -> None:
        end = begin + _POINTER + self._vector(begin, 1)
        self._within(end, 1, 1)
        if self._data[end]:
            raise MalformedError(f"a string without an end at byte {begin}")

    def _byte(self, position: int, number: int) -> int:
        vtable = position - int(_INT32.unpack_from(self._data, position)[0])
        place = _HEAD + 2 * number
        if place + 2 > int(_UINT16.unpack_from(self._data, vtable)[0]):
            return 0
        offset = int(_UINT16.unpack_from(self._data, vtable + place)[0])
        return self._data[position + offset] if offset else 0

    def _pointed(self, place: int) -> int:
        self._within(place, _POINTER, 1)
        return place + int(_UINT32.unpack_from(self._data, place)[0])

    def _within(self, place: int, length: int, alignment: int) -> None:
        if not 0 <= place <= self._end - length:
            raise MalformedError(f"an offset beyond the data at byte {place}")
        if place % alignment:
            raise MalformedError(f"an offset that is not on a multiple of {alignment} at byte {place}")
