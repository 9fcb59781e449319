"""The standard TFLite Metadata of an image classifier, as MediaPipe Tasks and others read it.

No maintained package writes it, and it is a dozen tables. Source: the public metadata_schema.fbs of tflite-support
(file identifier M001), whose fields are numbered in the order in which it lists them, a union taking two.
"""

from __future__ import annotations

from dataclasses import dataclass

import flatbuffers

ENTRY = "TFLITE_METADATA"  # under which the model flatbuffer keeps it
_IDENTIFIER = b"M001"
_PARSER_VERSION = "1.0.0"  # of the schema; nothing here is younger

# Field numbers.
_MODEL_NAME, _MODEL_DESCRIPTION, _MODEL_VERSION, _MODEL_SUBGRAPHS, _MODEL_PARSER = 0, 1, 2, 3, 7
_SUBGRAPH_INPUTS, _SUBGRAPH_OUTPUTS = 2, 3
_TENSOR_NAME, _TENSOR_CONTENT, _TENSOR_UNITS, _TENSOR_STATS, _TENSOR_FILES = 0, 3, 4, 5, 6
_UNION_TYPE, _UNION_VALUE = 0, 1  # in Content and in ProcessUnit
_COLOR_SPACE = 0
_MEAN, _STD = 0, 1
_MAX, _MIN = 0, 1
_FILE_NAME, _FILE_DESCRIPTION, _FILE_TYPE = 0, 1, 2

# Values of enums and unions.
_FEATURE_PROPERTIES, _IMAGE_PROPERTIES = 1, 2
_NORMALIZATION = 1
_TENSOR_AXIS_LABELS = 2
_COLOR_SPACES = {3: 1, 1: 2}  # channels → RGB, GRAYSCALE


@dataclass(frozen=True)
class ClassifierMetadata:
    """What the metadata says.

    `mean` and `std` say what the float network takes: (pixel − mean) / std, for pixels from 0 to 255; `low` and `high`
    are the ends of that. `channels` is 3 for RGB, 1 for gray, and 0 for a tensor of plain numbers. `labels_file` names
    the file in the zip behind the model with one label a line, None without labels.
    """

    name: str
    description: str
    version: str
    input_name: str
    output_name: str
    mean: float
    std: float
    low: float
    high: float
    channels: int
    labels_file: str | None


def build(meta: ClassifierMetadata) -> bytes:
    """Build the metadata flatbuffer."""
    builder = flatbuffers.Builder(1024)
    subgraph = _table(
        builder,
        {
            _SUBGRAPH_INPUTS: _vector(builder, [_input_tensor(builder, meta)]),
            _SUBGRAPH_OUTPUTS: _vector(builder, [_output_tensor(builder, meta)]),
        },
    )
    model = _table(
        builder,
        {
            _MODEL_NAME: builder.CreateString(meta.name),
            _MODEL_DESCRIPTION: builder.CreateString(meta.description),
            _MODEL_VERSION: builder.CreateString(meta.version),
            _MODEL_SUBGRAPHS: _vector(builder, [subgraph]),
            _MODEL_PARSER: builder.CreateString(_PARSER_VERSION),
        },
    )
    builder.Finish(model, _IDENTIFIER)
    return bytes(builder.Output())


def _input_tensor(builder: flatbuffers.Builder, meta: ClassifierMetadata) -> int:
    fields = {_TENSOR_NAME: builder.CreateString(meta.input_name)}
    if meta.channels:
        image = _table(builder, {}, {_COLOR_SPACE: _COLOR_SPACES[meta.channels]})
        options = _table(builder, {_MEAN: _floats(builder, meta.mean), _STD: _floats(builder, meta.std)})
        unit = _table(builder, {_UNION_VALUE: options}, {_UNION_TYPE: _NORMALIZATION})
        fields[_TENSOR_CONTENT] = _table(builder, {_UNION_VALUE: image}, {_UNION_TYPE: _IMAGE_PROPERTIES})
        fields[_TENSOR_UNITS] = _vector(builder, [unit])
        fields[_TENSOR_STATS] = _table(builder, {_MAX: _floats(builder, meta.high), _MIN: _floats(builder, meta.low)})
    else:
        fields[_TENSOR_CONTENT] = _feature(builder)
    return _table(builder, fields)


def _output_tensor(builder: flatbuffers.Builder, meta: ClassifierMetadata) -> int:
    fields = {_TENSOR_NAME: builder.CreateString(meta.output_name), _TENSOR_CONTENT: _feature(builder)}
    if meta.labels_file is not None:
        file = _table(
            builder,
            {
                _FILE_NAME: builder.CreateString(meta.labels_file),
                _FILE_DESCRIPTION: builder.CreateString("one label a line, in the order of the outputs"),
            },
            {_FILE_TYPE: _TENSOR_AXIS_LABELS},
        )
        fields[_TENSOR_FILES] = _vector(builder, [file])
    return _table(builder, fields)


def _feature(builder: flatbuffers.Builder) -> int:
    return _table(builder, {_UNION_VALUE: _table(builder, {})}, {_UNION_TYPE: _FEATURE_PROPERTIES})


def _table(builder: flatbuffers.Builder, offsets: dict[int, int], small: dict[int, int] | None = None) -> int:
    """Write a table of fields that point elsewhere (`offsets`) and of one-byte enums (`small`); returns its offset."""
    small = small or {}
    builder.StartObject(max([*offsets, *small], default=-1) + 1)
    for slot, offset in offsets.items():
        builder.PrependUOffsetTRelativeSlot(slot, offset, 0)
    for slot, value in small.items():
        builder.PrependInt8Slot(slot, value, 0)
    return int(builder.EndObject())


def _vector(builder: flatbuffers.Builder, offsets: list[int]) -> int:
    builder.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        builder.PrependUOffsetTRelative(offset)
    return int(builder.EndVector())


def _floats(builder: flatbuffers.Builder, value: float) -> int:
    builder.StartVector(4, 1, 4)
    builder.PrependFloat32(value)
    return int(builder.EndVector())
