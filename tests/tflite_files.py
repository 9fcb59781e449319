"""TFLite files as others make them: metadata written by hand, since a device has no package that writes flatbuffers."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping

from edgeproof.edge.modelfile.flatbuffer import Table

# A table is a mapping of its fields' numbers; a vector of tables is a list of mappings, and one of floats a tuple.
Fields = Mapping[int, object]


class Raw(bytes):
    """The bytes of a vector of numbers of `width` bytes; of a width of 0, those of a small number in a table itself."""

    width: int

    def __new__(cls, content: bytes, width: int) -> Raw:
        made = super().__new__(cls, content)
        made.width = width
        return made


LABELS = 2  # TENSOR_AXIS_LABELS


def flatbuffer(root: Fields, identifier: bytes) -> bytes:
    """Write a flatbuffer, each thing behind the one that points to it."""
    data = bytearray(4) + identifier
    _point(data, 0, _write(data, root))
    return bytes(data)


def metadata(
    mean: tuple[float, ...] = (),
    std: tuple[float, ...] = (),
    color: int = 1,
    labels: str = "labels.txt",
    name: str = "theirs",
) -> bytes:
    """Write the metadata of an image classifier; colours are 0 unknown, 1 RGB, 2 gray."""
    picture: dict[int, object] = {0: "image", 3: {0: 2, 1: {0: color}}}
    if mean:
        picture[4] = [{0: 1, 1: {0: mean, 1: std}}]
    scores: dict[int, object] = {0: "scores"}
    if labels:
        scores[6] = [{0: "translated.txt", 2: LABELS, 3: "de"}, {0: "values.txt", 2: 3}, {0: labels, 2: LABELS}]
    return flatbuffer({0: name, 3: [{2: [picture], 3: [scores]}]}, b"M001")


def with_metadata(model: bytes, content: bytes) -> bytes:
    """Put metadata behind a model that has some, and let it point there instead."""
    root = Table.root(model)
    (entry,) = (entry for entry in root.tables(6) if entry.text(0) == "TFLITE_METADATA")
    place = list(root.tables(4))[entry.number(1)]._place(0)
    assert place is not None
    data = bytearray(model)
    data += bytes(-(len(data) + 4) % 16)
    _point(data, place, len(data))
    return bytes(data + struct.pack("<I", len(content)) + content)


def with_members(model: bytes, members: Mapping[str, bytes]) -> bytes:
    """Zip files on to the end of a model."""
    buffer = io.BytesIO()
    buffer.write(model)
    with zipfile.ZipFile(buffer, "a") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _write(data: bytearray, value: object) -> int:
    data += bytes(-len(data) % 4)
    if isinstance(value, Mapping):
        return _table(data, value)
    start = len(data)
    if isinstance(value, Raw):
        data += bytes(4 * (value.width == 8 and len(data) % 8 == 0))  # so that the first one is on a multiple of 8
        start = len(data)
        data += struct.pack("<I", len(value) // value.width) + value
    elif isinstance(value, str | bytes):
        content = value.encode() if isinstance(value, str) else value
        data += struct.pack("<I", len(content)) + content + b"\0"
    elif isinstance(value, tuple):
        data += struct.pack(f"<I{len(value)}f", len(value), *value)
    elif isinstance(value, list):
        data += struct.pack("<I", len(value)) + bytes(4 * len(value))
        for index, each in enumerate(value):
            _point(data, start + 4 + 4 * index, _write(data, each))
    return start


def _table(data: bytearray, fields: Fields) -> int:
    count = max(fields, default=-1) + 1
    places = [4 + 4 * field if field in fields else 0 for field in range(count)]
    vtable = len(data)
    data += struct.pack(f"<HH{count}H", 4 + 2 * count, 4 + 4 * count, *places)
    data += bytes(-len(data) % 4)
    start = len(data)
    data += struct.pack("<i", start - vtable) + bytes(4 * count)
    for field, value in fields.items():
        place = start + places[field]
        if isinstance(value, Raw) and not value.width:
            data[place : place + len(value)] = value
        elif isinstance(value, int):
            data[place : place + 4] = struct.pack("<I", value)
        else:
            _point(data, place, _write(data, value))
    return start


def _point(data: bytearray, place: int, target: int) -> None:
    data[place : place + 4] = struct.pack("<I", target - place)
