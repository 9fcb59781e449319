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
from . import names, seal
from .protobuf import BYTES, Data, fields

PREFIX = "edgeproof/"
_SEAL_KEY = PREFIX + "seal"
_TEXT = (".json", ".txt")  # readable in any ONNX viewer; pictures go in as base64
_METADATA_PROPS = 14
_KEY, _VALUE = 1, 2
_MOST_FIELDS = 100_000  # of a ModelProto, which has a graph and a few entries
_MOST_IN_ENTRY = 16


def split(data: bytes, where: str) -> tuple[bytes, dict[str, bytes]]:
    """Take a file apart into the ModelProto and our members behind it.

    Raises:
        InputError: the bytes are no protobuf message (truncated, or no ONNX file at all), or have members that no
            model file has.
    """
    try:
        end, found = _members(data)
    except names.UnwantedError as error:
        raise InputError(f"{error}: {where}") from error
    except (ValueError, binascii.Error) as error:
        raise InputError(f"expected a .tflite or .onnx model, received neither ({error}): {where}") from error
    return data[:end], found


def members(file: BinaryIO) -> dict[str, bytes]:
    """Read the members alone of a file that was verified before; the network stays on the disk.

    Raises:
        ValueError: it is no message, or not the one that it was.
    """
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return _members(data)[1]


def _members(data: Data) -> tuple[int, dict[str, bytes]]:
    """Give where the ModelProto without our entries ends, and what these hold."""
    found: dict[str, bytes] = {}
    end = len(data)
    field = None
    for field in fields(data, most=_MOST_FIELDS):
        if (field.number, field.wire) != (_METADATA_PROPS, BYTES):
            continue
        key, value = _entry(data[field.begin : field.end])
        if key.startswith(PREFIX):
            end = min(end, field.start)
            name = key.removeprefix(PREFIX)
            if name in found:
                raise ValueError(f"two entries {key}")
            if key != _SEAL_KEY:
                found[name] = _decode(key, value)
    if field is None:
        raise ValueError("no bytes")
    names.check(found, sum(map(len, found.values())))
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


def _entry(data: bytes) -> tuple[str, bytes]:
    values = {field.number: data[field.begin : field.end] for field in fields(data, most=_MOST_IN_ENTRY)}
    return values.get(_KEY, b"").decode(), values.get(_VALUE, b"")


def _decode(key: str, value: bytes) -> bytes:
    return value if key.endswith(_TEXT) else base64.b64decode(value, validate=True)


def _encode_entry(key: str, value: bytes) -> bytes:
    entry = _encode_field(_KEY, key.encode()) + _encode_field(_VALUE, value)
    return _encode_field(_METADATA_PROPS, entry)


def _encode_field(number: int, value: bytes) -> bytes:
    return _encode_varint(number << 3 | BYTES) + _encode_varint(len(value)) + value


def _encode_varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
