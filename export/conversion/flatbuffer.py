"""The TFLite model flatbuffer: what it says of itself, and one more metadata entry in it.

The schema is TFLite's own (schema.fbs), as the Python module that ships with ai-edge-litert.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray

_IDENTIFIER = b"TFL3"
_MINIMUM_RUNTIME = b"min_runtime_version"
_CODES_IN_BYTE = 127  # operators above this have no place in the schema's first, one-byte field
_ALIGNMENT = 16  # bytes
_BUFFER_DATA = 4  # where the schema keeps the field `data` of a buffer
_LARGEST = 2**31 - 1  # bytes: a flatbuffer's offsets reach no further


def operators(model: bytes) -> tuple[str, ...]:
    """Name the operators of a model, each once, in order: "CONV_2D"; custom ones, Flex among them, as "CUSTOM:Name"."""
    root = schema.Model.GetRootAs(model, 0)
    codes = (
        root.OperatorCodes(graph.Operators(place).OpcodeIndex())
        for graph in map(root.Subgraphs, range(root.SubgraphsLength()))
        for place in range(graph.OperatorsLength())
    )
    return tuple(dict.fromkeys(_operator_name(code) for code in codes))


def float_operators(model: bytes) -> tuple[str, ...]:
    """Name the operators that give floats, each once, in order."""
    root = schema.Model.GetRootAs(model, 0)
    found = []
    for graph in map(root.Subgraphs, range(root.SubgraphsLength())):
        for operator in map(graph.Operators, range(graph.OperatorsLength())):
            tensors = [graph.Tensors(operator.Outputs(place)) for place in range(operator.OutputsLength())]
            if any(tensor.Type() == schema.TensorType.FLOAT32 for tensor in tensors):
                found.append(_operator_name(root.OperatorCodes(operator.OpcodeIndex())))
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class Operation:
    """One operation of a model: its operator, and by name the tensors that it reads, constants left out, and fills."""

    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def operations(model: bytes) -> Iterator[Operation]:
    """Give the operations of a model's main graph, in order."""
    root = schema.Model.GetRootAs(model, 0)
    graph = root.Subgraphs(0)
    filled: set[int] = {graph.Inputs(place) for place in range(graph.InputsLength())}
    for operator in map(graph.Operators, range(graph.OperatorsLength())):
        outputs = [operator.Outputs(place) for place in range(operator.OutputsLength())]
        inputs = [operator.Inputs(place) for place in range(operator.InputsLength())]
        filled.update(outputs)
        yield Operation(
            _operator_name(root.OperatorCodes(operator.OpcodeIndex())),
            tuple(graph.Tensors(index).Name().decode() for index in inputs if index in filled),
            tuple(graph.Tensors(index).Name().decode() for index in outputs),
        )


def dense_kernels(model: bytearray) -> Iterator[NDArray[np.float32]]:
    """Give the kernels of fully connected layers, float32 of shape (units, inputs): views that write into the model."""
    root = schema.Model.GetRootAs(model, 0)
    for graph in map(root.Subgraphs, range(root.SubgraphsLength())):
        for operator in map(graph.Operators, range(graph.OperatorsLength())):
            if _operator_name(root.OperatorCodes(operator.OpcodeIndex())) != "FULLY_CONNECTED":
                continue
            tensor = graph.Tensors(operator.Inputs(1))
            data = root.Buffers(tensor.Buffer())
            if tensor.Type() == schema.TensorType.FLOAT32 and data.DataLength():
                # Not DataAsNumpy, whose views cannot be written to.
                start = data._tab.Vector(data._tab.Offset(_BUFFER_DATA))
                yield np.frombuffer(model, np.float32, data.DataLength() // 4, start).reshape(tensor.ShapeAsNumpy())


def minimum_runtime(model: bytes) -> str:
    """Give the lowest TFLite version that runs the model, as its converter noted; "" where it did not."""
    unpacked = _unpack(model)
    for entry in unpacked.metadata or []:
        if entry.name == _MINIMUM_RUNTIME:
            return bytes(unpacked.buffers[entry.buffer].data).rstrip(b"\0").decode()
    return ""


def with_entry(model: bytes, name: str, content: bytes) -> bytes:
    """Add a metadata entry to a model, or replace the one of that name; everything else stays as it is.

    Weights that lie behind the flatbuffer are put into it, since older runtimes look nowhere else.

    Raises:
        ValueError: the model is larger than a flatbuffer can be.
    """
    unpacked = _unpack(model)
    if len(model) + len(content) > _LARGEST:
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
    unpacked = schema.ModelT.InitFromPackedBuf(model, 0)
    for buffer in unpacked.buffers:
        if buffer.offset > 1:  # 1 stands for a buffer that is empty
            buffer.data = np.frombuffer(model, np.uint8, buffer.size, buffer.offset)
            buffer.offset = buffer.size = 0
    return unpacked


def _operator_name(code: Any) -> str:
    number = max(code.BuiltinCode(), code.DeprecatedBuiltinCode() if code.BuiltinCode() <= _CODES_IN_BYTE else 0)
    if number == schema.BuiltinOperator.CUSTOM:
        return f"CUSTOM:{code.CustomCode().decode()}"
    return str(_NAMES[number])


_NAMES = {value: name for name, value in vars(schema.BuiltinOperator).items() if not name.startswith("_")}
