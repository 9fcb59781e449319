"""A .onnx file as protobuf: how our members ride in its `metadata_props`, read without the onnx package.

A protobuf message may be extended by appending encoded fields, so the original ModelProto stays as it was, byte for
byte, and our entries follow it; onnxruntime gives them back as `custom_metadata_map`. Sources: the protobuf encoding
(https://protobuf.dev/programming-guides/encoding/) and onnx.proto3 (ModelProto.metadata_props = 14,
StringStringEntryProto key = 1, value = 2).
"""

from __future__ import annotations

import base64
import binascii
import mmap
from typing import BinaryIO

from ..errors import InputError
from . import seal

PREFIX = "edgeproof/"
_SEAL_KEY = PREFIX + "seal"
_TEXT = (".json", ".txt")  # readable in any ONNX viewer; pictures go in as base64
_METADATA_PROPS = 14
_KEY, _VALUE = 1, 2
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def split(data: bytes, where: str) -> tuple[bytes, dict[str, bytes]]:
    """Take a file apart into the ModelProto and our members behind it.

    Raises:
        InputError: the bytes are no protobuf message (truncated, or no ONNX file at all).
    """
    try:
        end, found = _members(data)
    except (ValueError, IndexError, binascii.Error) as error:
        raise InputError(f"expected a .tflite or .onnx model, received neither ({error}): {where}") from error
    return data[:end], found


def members(file: BinaryIO, where: str) -> dict[str, bytes]:  # noqa: ARG001 - as in a .tflite file
    """Read the members alone of a file that was verified before; the network stays on the disk."""
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return _members(data)[1]


def _members(data: bytes | mmap.mmap) -> tuple[int, dict[str, bytes]]:
    """Give where the ModelProto without our entries ends, and what these hold."""
    found: dict[str, bytes] = {}
    end = len(data)
    for number, wire, start, value_start, value_end in _fields(data):
        if (number, wire) != (_METADATA_PROPS, _BYTES):
            continue
        key, value = _entry(data[value_start:value_end])
        if key.startswith(PREFIX):
            end = min(end, start)
            if key != _SEAL_KEY:
                found[key.removeprefix(PREFIX)] = _decode(key, value)
    return end, found


def join(model: bytes, members: dict[str, bytes]) -> bytes:
    """Put members (name → contents) behind a ModelProto, and the seal behind both."""
    parts = [model]
    for name, content in members.items():
        value = content if name.endswith(_TEXT) else base64.b64encode(content)
        parts.append(_encode_entry(PREFIX + name, value))
    parts.append(_encode_entry(_SEAL_KEY, b"0" * seal.LENGTH))
    unsealed = b"".join(parts)[: -seal.LENGTH]
    return unsealed + seal.seal(unsealed)


def seal_head(length: int) -> bytes:
    """Give the bytes of the entry that holds the seal, up to its value of so many bytes."""
    return _encode_entry(_SEAL_KEY, bytes(length))[:-length]


def _fields(data: bytes | mmap.mmap) -> list[tuple[int, int, int, int, int]]:
    """List (field number, wire type, start, value start, value end) of a message's fields, in order."""
    fields = []
    position = 0
    while position < len(data):
        start = position
        tag, position = _varint(data, position)
        number, wire = tag >> 3, tag & 7
        if wire == _BYTES:
            length, position = _varint(data, position)
            end = position + length
        elif wire == _VARINT:
            _, end = _varint(data, position)
        elif wire in (_FIXED64, _FIXED32):
            end = position + (8 if wire == _FIXED64 else 4)
        else:
            raise ValueError(f"wire type {wire} at byte {start}")
        if number == 0 or end > len(data):
            raise ValueError(f"a field that ends beyond the file at byte {start}")
        fields.append((number, wire, start, position, end))
        position = end
    if not fields:
        raise ValueError("no bytes")
    return fields


def _varint(data: bytes | mmap.mmap, position: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 64, 7):
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
    raise ValueError(f"a number without end at byte {position}")


def _entry(data: bytes) -> tuple[str, bytes]:
    values = {number: data[start:end] for number, _, _, start, end in _fields(data)}
    return values.get(_KEY, b"").decode(), values.get(_VALUE, b"")


def _decode(key: str, value: bytes) -> bytes:
    return value if key.endswith(_TEXT) else base64.b64decode(value, validate=True)


def _encode_entry(key: str, value: bytes) -> bytes:
    entry = _encode_field(_KEY, key.encode()) + _encode_field(_VALUE, value)
    return _encode_field(_METADATA_PROPS, entry)


def _encode_field(number: int, value: bytes) -> bytes:
    return _encode_varint(number << 3 | _BYTES) + _encode_varint(len(value)) + value


def _encode_varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
