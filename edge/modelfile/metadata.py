"""TFLite Metadata, which many models made elsewhere carry: labels, colours, and how pixels become numbers.

Sources: the public schemas of TFLite (the entry in the model) and of its metadata, metadata_schema.fbs (file identifier
M001), whose fields are numbered in the order in which they list them, a union taking two.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..contract import Color
from ..errors import InputError
from .flatbuffer import MalformedError, Table

_ENTRY = "TFLITE_METADATA"  # under which the model keeps it
_IDENTIFIER = b"M001"  # from byte 4 on

# Field numbers, of the model and then of the metadata.
_MODEL_BUFFERS, _MODEL_ENTRIES, _ENTRY_NAME, _ENTRY_BUFFER, _BUFFER_DATA = 4, 6, 0, 1, 0
_NAME, _SUBGRAPHS = 0, 3
_INPUTS, _OUTPUTS = 2, 3
_CONTENT, _UNITS, _FILES = 3, 4, 6
_UNION_TYPE, _UNION_VALUE = 0, 1  # in Content and in ProcessUnit
_COLOR_SPACE = 0
_MEAN, _STD = 0, 1
_FILE_NAME, _FILE_TYPE, _FILE_LOCALE = 0, 2, 3

# Values of enums and unions.
_IMAGE_PROPERTIES, _NORMALIZATION, _AXIS_LABELS = 2, 1, 2
_COLORS = {1: Color.RGB, 2: Color.GRAY}


@dataclass(frozen=True)
class Metadata:
    """What the metadata says of one picture and of one row of scores; what it leaves out is empty or None.

    `mean` and `std` have one number, or one for each channel: the float network takes (pixel − mean) / std, for pixels
    from 0 to 255. `label_files` name files in the zip behind the model, with one label a line, the likeliest first.
    """

    name: str = ""
    color: Color | None = None
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    label_files: tuple[str, ...] = ()


def read(model: bytes, where: str) -> Metadata | None:
    """Read the metadata of a TFLite flatbuffer; None where it has none.

    Raises:
        InputError: it has some, and they are damaged; `where` names the file.
    """
    try:
        content = _content(model)
    except MalformedError:
        return None  # what is wrong with the model itself is the runtime's to say
    if content is None:
        return None
    try:
        return _parse(content)
    except MalformedError as error:
        raise InputError(
            f"expected TFLite Metadata, received damaged ones ({error}): {where}; copy it again"
        ) from error


def _content(model: bytes) -> bytes | None:
    root = Table.root(model)
    entry = next((entry for entry in root.tables(_MODEL_ENTRIES) if entry.text(_ENTRY_NAME) == _ENTRY), None)
    if entry is None:
        return None
    wanted = entry.number(_ENTRY_BUFFER)
    buffer = next((buffer for index, buffer in enumerate(root.tables(_MODEL_BUFFERS)) if index == wanted), None)
    return None if buffer is None else buffer.content(_BUFFER_DATA)


def _parse(content: bytes) -> Metadata:
    if content[4:8] != _IDENTIFIER:
        raise MalformedError("no identifier")
    root = Table.root(content)
    subgraph = next(root.tables(_SUBGRAPHS), None)
    if subgraph is None:
        return Metadata(root.text(_NAME))
    picture, scores = next(subgraph.tables(_INPUTS), None), next(subgraph.tables(_OUTPUTS), None)
    mean, std = ((), ()) if picture is None else _normalization(picture)
    return Metadata(
        root.text(_NAME),
        None if picture is None else _color(picture),
        mean,
        std,
        () if scores is None else _label_files(scores),
    )


def _color(tensor: Table) -> Color | None:
    content = tensor.table(_CONTENT)
    if content is None or content.byte(_UNION_TYPE) != _IMAGE_PROPERTIES:
        return None
    image = content.table(_UNION_VALUE)
    return None if image is None else _COLORS.get(image.byte(_COLOR_SPACE))


def _normalization(tensor: Table) -> tuple[tuple[float, ...], tuple[float, ...]]:
    for unit in tensor.tables(_UNITS):
        options = unit.table(_UNION_VALUE)
        if unit.byte(_UNION_TYPE) == _NORMALIZATION and options is not None:
            return options.floats(_MEAN), options.floats(_STD)
    return (), ()


def _label_files(tensor: Table) -> tuple[str, ...]:
    files = [file for file in tensor.tables(_FILES) if file.byte(_FILE_TYPE) == _AXIS_LABELS]
    # Those of a language are translations.
    return tuple(file.text(_FILE_NAME) for file in sorted(files, key=lambda file: bool(file.text(_FILE_LOCALE))))
