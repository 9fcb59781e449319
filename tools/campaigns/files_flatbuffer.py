"""Mutants of a TFLite flatbuffer that know its schema: wild indices, offsets, lengths, shapes and options."""

from __future__ import annotations

import random
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from edgeproof.edge.quarantine.flatbuffer import Bounds, Kind, Scalar, Vector
from edgeproof.edge.quarantine.schema import MODEL

_FORMATS = {1: "<b", 2: "<h", 4: "<i", 8: "<q"}
_TENSOR, _SHAPE = "Tensor", 0
_COMPUTING = frozenset({_TENSOR, "Operator", "OperatorCode", "SubGraph", "Buffer", "ReshapeOptions", "unknown"})
_HUGE = (2**31 - 1, 2**30, 2**24, 65_537, 100_000)


@dataclass(frozen=True)
class Place:
    """Where a field of a table stands in the buffer, and what it is."""

    at: int
    kind: Kind
    number: int


class _Places(Bounds):
    """A walk that notes where it comes by."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.found: list[Place] = []

    def _field(self, position: int, offset: int, size: int, kind: Kind, number: int) -> None:
        super()._field(position, offset, size, kind, number)
        self.found.append(Place(position + offset, kind, number))


def places(model: bytes) -> list[Place]:
    """List every field of every table of a sound model."""
    walk = _Places(model)
    walk.check(MODEL)
    return walk.found


def wild(model: bytes, found: Sequence[Place], rng: random.Random) -> bytes:
    """Change one number to a wild one: a scalar, an offset, a vector's length, or one of its elements."""
    data = bytearray(model)
    place = rng.choice(found)
    what = place.kind.fields.get(place.number)
    if isinstance(what, Scalar):
        _write(data, place.at, what.width, rng)
    elif what is None:
        _write(data, place.at, 4 if place.at + 4 <= len(data) else 1, rng)
    elif isinstance(what, Vector) and rng.random() < 0.7:
        _in_vector(data, place.at, what.width, rng)
    else:
        _write(data, place.at if rng.random() < 0.5 else _pointed(data, place.at), 4, rng)
    return bytes(data)


def plausible(model: bytes, found: Sequence[Place], rng: random.Random) -> bytes:
    """Change a few numbers that say what is computed, to others that could stand there: indices, types, options."""
    data = bytearray(model)
    able = [each for each in found if each.kind.name in _COMPUTING]
    for place in rng.sample(able, rng.randint(1, min(4, len(able)))):
        what = place.kind.fields.get(place.number)
        small = rng.choice((-1, 0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 31, 64, 100, rng.randrange(160)))
        if isinstance(what, Scalar) and what.width < 8:
            struct.pack_into(_FORMATS[what.width], data, place.at, small if what.width > 1 else small % 128)
        elif what is None and place.at + 4 <= len(data):
            struct.pack_into("<i" if place.at % 4 == 0 else "<b", data, place.at, min(small, 127))
        elif isinstance(what, Vector) and what.width == 4:
            begin = _pointed(data, place.at)
            (count,) = struct.unpack_from("<I", data, begin)
            if 0 < count < 64:
                struct.pack_into("<i", data, begin + 4 + 4 * rng.randrange(count), small)
    return bytes(data)


def huge(model: bytes, found: Sequence[Place], rng: random.Random) -> bytes:
    """Say of a tensor that it is of a huge shape."""
    data = bytearray(model)
    place = rng.choice([each for each in found if (each.kind.name, each.number) == (_TENSOR, _SHAPE)])
    begin = _pointed(data, place.at)
    (count,) = struct.unpack_from("<I", data, begin)
    for index in range(count):
        if rng.random() < 0.7:
            struct.pack_into("<i", data, begin + 4 + 4 * index, rng.choice(_HUGE))
    return bytes(data)


def _in_vector(data: bytearray, at: int, width: int, rng: random.Random) -> None:
    begin = _pointed(data, at)
    (count,) = struct.unpack_from("<I", data, begin)
    if not count or rng.random() < 0.2:
        _write(data, begin, 4, rng)
    else:
        _write(data, begin + 4 + width * rng.randrange(count), width, rng)


def _pointed(data: bytearray, at: int) -> int:
    return at + int(struct.unpack_from("<I", data, at)[0])


def _write(data: bytearray, at: int, width: int, rng: random.Random) -> None:
    """Put a wild number in the place of one: a bound of its type, a neighbour of the old one, or anything."""
    (old,) = struct.unpack_from(_FORMATS[width], data, at)
    most = 2 ** (8 * width - 1) - 1
    value = rng.choice((0, 1, -1, 2, most, -most - 1, old + 1, old - 1, -old, old * 2, rng.randint(-most, most)))
    struct.pack_into(_FORMATS[width], data, at, max(-most - 1, min(most, value)))
