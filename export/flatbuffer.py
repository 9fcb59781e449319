"""The TFLite model flatbuffer: what it says of itself, and one more metadata entry in it.

The schema is TFLite's own (schema.fbs), as the Python module that ships with ai-edge-litert.
"""

from __future__ import annotations

from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

_IDENTIFIER = b"TFL3"
_MINIMUM_RUNTIME = b"min_runtime_version"
_CODES_IN_BYTE = 127  # operators above this have no place in the schema's first, one-byte field
_ALIGNMENT = 16  # bytes
_LARGEST = 2**31 - 1  # bytes: a flatbuffer's offsets reach no further


def operators(model: bytes) -> tuple[str, ...]:
    """Name the operators of a model, each once, in order: "CONV_2D"; custom ones, Flex among them, as "CUSTOM:Name"."""
    unpacked = _unpack(model)
    codes = [
        unpacked.operatorCodes[operator.opcodeIndex] for graph in unpacked.subgraphs for operator in graph.operators
    ]
    return tuple(dict.fromkeys(_operator_name(code) for code in codes))


def minimum_runtime(model: bytes) -> str:
    """Give the lowest TFLite version that runs the model, as its converter noted; "" where it did not."""
    unpacked = _unpack(model)
    for entry in unpacked.metadata or []:
        if entry.name == _MINIMUM_RUNTIME:
            return bytes(unpacked.buffers[entry.buffer].data).rstrip(b"\0").decode()
    return ""


def with_entry(model: bytes, name: str, content: bytes) -> bytes:
    """Add a metadata entry to a model, or replace the one of that name; everything else stays as it is.

    Raises:
        ValueError: the model is larger than a flatbuffer can be, or keeps its weights outside of it.
    """
    unpacked = _unpack(model)
    if len(model) + len(content) > _LARGEST or any(buffer.offset > 1 for buffer in unpacked.buffers):
        raise ValueError(f"expected a model of at most {_LARGEST} bytes in one flatbuffer, received {len(model)}")
    buffer = schema.BufferT()
    buffer.data = np.frombuffer(content, np.uint8)
    unpacked.metadata = unpacked.metadata or []
    for entry in unpacked.metadata:
        if entry.name == name.encode():
            unpacked.buffers[entry.buffer] = buffer
            break
    else:
        entry = schema.MetadataT()
        entry.name, entry.buffer = name, len(unpacked.buffers)
        unpacked.buffers.append(buffer)
        unpacked.metadata.append(entry)
    unpacked.buffers = [_AlignedBuffer(buffer) for buffer in unpacked.buffers]
    builder = flatbuffers.Builder(len(model) + len(content) + 1024)
    builder.Finish(unpacked.Pack(builder), _IDENTIFIER)
    return bytes(builder.Output())


class _AlignedBuffer:
    """A buffer of the model that is written as the schema asks, on a multiple of 16 bytes.

    The generated code for Python does not see to that, and kernels may read weights where they lie.
    """

    def __init__(self, buffer: Any) -> None:
        self._buffer = buffer

    def Pack(self, builder: flatbuffers.Builder) -> int:  # noqa: N802 - the name that the generated code calls
        data = self._buffer.data
        if data is None or not len(data):
            return int(self._buffer.Pack(builder))
        builder.StartVector(1, len(data), _ALIGNMENT)
        builder.head -= len(data)
        builder.Bytes[builder.head : builder.head + len(data)] = bytes(data)
        vector = builder.EndVector()
        schema.BufferStart(builder)
        schema.BufferAddData(builder, vector)
        return int(schema.BufferEnd(builder))


def _unpack(model: bytes) -> Any:
    return schema.ModelT.InitFromPackedBuf(model, 0)


def _operator_name(code: Any) -> str:
    number = max(code.builtinCode, code.deprecatedBuiltinCode if code.builtinCode <= _CODES_IN_BYTE else 0)
    if number == schema.BuiltinOperator.CUSTOM:
        return f"CUSTOM:{code.customCode.decode()}"
    return str(_NAMES[number])


_NAMES = {value: name for name, value in vars(schema.BuiltinOperator).items() if not name.startswith("_")}
