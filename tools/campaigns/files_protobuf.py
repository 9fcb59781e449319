"""Mutants of an ONNX protobuf that know its schema: wild numbers, lengths, names, weights elsewhere, deep graphs."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from edgeproof.edge.modelfile.protobuf import BYTES, VARINT, Field, fields
from edgeproof.edge.quarantine.onnx import _MESSAGES, Message
from edgeproof.edge.quarantine.onnx_tensors import TENSOR

_DEEPEST = 12
_LOCATIONS = ("/etc/passwd", "../../../../etc/shadow", "weights.bin", "/dev/zero", "//server/share/x", "a/../../b")
_COMPUTING = frozenset(
    {("node", 1), ("node", 2), ("node", 4), ("node", 5), ("attribute", 3), ("attribute", 8), (TENSOR, 1), (TENSOR, 2)}
    | {(TENSOR, 8), (TENSOR, 9), ("dimension", 1), ("tensor type", 1), ("graph", 1), ("graph", 5)}
)
_GRAPHS = 300  # within one another


@dataclass(frozen=True)
class Place:
    """A field of a message, and the messages around it, the innermost first: where each one's length stands."""

    field: Field
    kind: Message
    around: tuple[Field, ...]


def places(model: bytes) -> list[Place]:
    """List every field of every message of a sound model."""
    found: list[Place] = []
    _walk(model, _MESSAGES["model"], 0, len(model), (), found)
    return found


def _walk(model: bytes, kind: Message, begin: int, end: int, around: tuple[Field, ...], found: list[Place]) -> None:
    for each in fields(model, begin, end):
        found.append(Place(each, kind, around))
        name = kind.holds.get(each.number)
        if name in _MESSAGES and each.wire == BYTES and len(around) < _DEEPEST:
            _walk(model, _MESSAGES[name], each.begin, each.end, (each, *around), found)


def wild(model: bytes, found: Sequence[Place], rng: random.Random) -> bytes:
    """Change one field: its number, its length, its bytes; or leave it out, or put it there twice."""
    place = rng.choice(found)
    field = place.field
    whole = model[field.start : field.end]
    chance = rng.random()
    if chance < 0.15:
        return replaced(model, place, b"")
    if chance < 0.3:
        return replaced(model, place, whole * 2)
    if field.wire == VARINT:
        tag = model[field.start : field.begin]
        return replaced(model, place, tag + varint(_number(field.value, rng)))
    if field.wire == BYTES and chance < 0.5:  # a length that lies, with all others as they were
        start = field.begin - 1
        return model[:start] + bytes([rng.randrange(256)]) + model[start + 1 :]
    return _other_bytes(model, field, rng)


def plausible(model: bytes, found: Sequence[Place], rng: random.Random) -> bytes:
    """Put a field of one message in the place of the same field of another: names, operators, attributes, sizes."""
    able = [each for each in found if (each.kind.name, each.field.number) in _COMPUTING]
    place = rng.choice(able)
    same = [each for each in able if (each.kind, each.field.number) == (place.kind, place.field.number)]
    other = rng.choice(same).field
    if place.field.wire == VARINT and rng.random() < 0.7:
        small = rng.choice((0, 1, 2, 3, 4, 5, 7, 16, 64, 1000, 2**64 - 1))
        return replaced(model, place, model[place.field.start : place.field.begin] + varint(small))
    return replaced(model, place, model[other.start : other.end])


def huge(model: bytes, found: Sequence[Place], rng: random.Random) -> bytes:
    """Say of a tensor, or of an input, that one of its sizes is huge."""
    sized = {(TENSOR, 1), ("dimension", 1)}
    place = rng.choice([each for each in found if (each.kind.name, each.field.number) in sized])
    size = varint(rng.choice((2**31, 2**40, 2**62, 2**63, 2**64 - 1, 100_000)))
    return replaced(model, place, _tag(1, VARINT) + size)


def elsewhere(model: bytes, found: Sequence[Place], rng: random.Random) -> bytes:
    """Move a tensor's numbers into another file, as large models have them."""
    tensor = rng.choice([each for each in found if each.kind.name == TENSOR and each.field.number == 9])
    entries = {"location": rng.choice(_LOCATIONS), "offset": "0", "length": str(tensor.field.value)}
    external = b"".join(
        message(13, message(1, key.encode()) + message(2, value.encode())) for key, value in entries.items()
    )
    return replaced(model, tensor, external + _tag(14, VARINT) + varint(1))


def deep(model: bytes, rng: random.Random) -> bytes:
    """Put a node behind the graph that holds graphs within one another, without end."""
    inner = b""
    for _ in range(rng.randrange(30, _GRAPHS)):
        inner = message(1, message(4, b"If") + message(5, message(6, inner)))
    return model + message(7, inner)


def replaced(model: bytes, place: Place, new: bytes) -> bytes:
    """Put other bytes in the place of a field, and right lengths on all messages around it."""
    field = place.field
    data = model[: field.start] + new + model[field.end :]
    change = len(new) - (field.end - field.start)
    for outer in place.around:
        head = _tag(outer.number, BYTES) + varint(outer.value + change)
        data = data[: outer.start] + head + data[outer.begin :]
        change += len(head) - (outer.begin - outer.start)
    return data


def message(number: int, content: bytes) -> bytes:
    """Encode a field that holds bytes."""
    return _tag(number, BYTES) + varint(len(content)) + content


def varint(value: int) -> bytes:
    """Encode a number."""
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def _tag(number: int, wire: int) -> bytes:
    return varint(number << 3 | wire)


def _number(old: int, rng: random.Random) -> int:
    return rng.choice((0, 1, old + 1, abs(old - 1), 2**31 - 1, 2**31, 2**63 - 1, 2**64 - 1, rng.getrandbits(64)))


def _other_bytes(model: bytes, field: Field, rng: random.Random) -> bytes:
    if field.begin == field.end:
        return model
    data = bytearray(model)
    for _ in range(rng.randrange(1, 4)):
        data[rng.randrange(field.begin, field.end)] = rng.randrange(256)
    return bytes(data)
