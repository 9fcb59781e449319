"""The verifier of TFLite models, on flatbuffers written by hand."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from edgeproof.edge import modelfile
from edgeproof.edge.modelfile.flatbuffer import MalformedError, Table
from edgeproof.edge.quarantine.tflite import verify
from tflite_files import Fields, Raw, flatbuffer

TFLITE = ["rps-int8.tflite", "rps-fp32.tflite", "hello-int8.tflite", "hello-fp32.tflite"]
FLOAT, INT8 = 0, 9


def words(*numbers: int) -> Raw:
    return Raw(struct.pack(f"<{len(numbers)}i", *numbers), 4)


def tensor(*shape: int, buffer: int = 0, kind: int = FLOAT, **more: object) -> dict[int, object]:
    fields = {0: words(*shape), 2: buffer, 3: "t"} | {int(key[1:]): value for key, value in more.items()}
    return fields | ({1: Raw(bytes([kind]), 0)} if kind else {})


def graph(tensors: list[Fields], operators: list[Fields], inputs: Raw, outputs: Raw) -> Fields:
    return {0: tensors, 1: inputs, 2: outputs, 3: operators, 4: "main"}


def model(
    tensors: list[Fields] | None = None,
    operators: list[Fields] | None = None,
    outputs: Raw | None = None,
    inputs: Raw | None = None,
    buffers: tuple[bytes, ...] = (b"", bytes(12)),
    more: Fields | None = None,
) -> bytes:
    """Write a model that adds a constant to its input, but for what is said otherwise."""
    tensors = [tensor(1, 3), tensor(1, 3, buffer=1), tensor(1, 3)] if tensors is None else tensors
    operators = [{1: words(0, 1), 2: words(2)}] if operators is None else operators
    main = graph(tensors, operators, words(0) if inputs is None else inputs, words(2) if outputs is None else outputs)
    stored = [{0: Raw(content, 1)} if content else {} for content in buffers]
    return flatbuffer({0: 3, 1: [{3: 0}], 2: [main], 4: stored} | dict(more or {}), b"TFL3")


def verdict(data: bytes) -> str:
    try:
        verify(data)
    except MalformedError as error:
        return str(error)
    return "sound"


@pytest.mark.parametrize("name", TFLITE)
def test_golden_models_are_sound(models: Path, name: str) -> None:
    assert verdict(modelfile.read(models / name).model) == "sound"


def test_a_model_written_by_hand_is_sound() -> None:
    assert verdict(model()) == "sound"


@pytest.mark.parametrize("name", ["hello-int8.tflite", "hello-fp32.tflite"])
def test_a_model_that_ends_anywhere_before_its_end_is_refused_or_lacks_only_padding(models: Path, name: str) -> None:
    data = modelfile.read(models / name).model
    sound = [length for length in range(len(data)) if verdict(data[:length]) == "sound"]
    assert all(not any(data[length:]) for length in sound)
    assert len(data) - min(sound, default=len(data)) < 16


@pytest.mark.parametrize("index", [-2, -1, 3, 2**31 - 1, -(2**31)])
def test_a_tensor_that_is_not_there_is_refused(index: int) -> None:
    assert verdict(model(outputs=words(index))) == f"tensor {index} of 3"
    assert verdict(model(inputs=words(index))) == f"tensor {index} of 3"
    assert verdict(model(operators=[{1: words(0, 1), 2: words(index)}])) == f"tensor {index} of 3"


def test_an_input_that_is_left_out_is_no_error() -> None:
    assert verdict(model(operators=[{1: words(0, -1), 2: words(2)}])) == "sound"
    assert verdict(model(operators=[{1: words(0, -2), 2: words(2)}])) == "tensor -2 of 3"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"operators": [{0: 1, 1: words(0, 1), 2: words(2)}]}, "operator 1 of 1"),
        ({"operators": []}, "the output 2, which nothing fills"),
        ({"operators": [{1: words(2), 2: words(2)}]}, "an operator that reads tensor 2 before it is filled"),
        ({"operators": [{1: words(0), 2: words(1)}]}, "an operator that fills tensors (1,) twice"),
        ({"operators": [{1: words(0), 2: words(2, 2)}]}, "an operator that fills tensors (2, 2) twice"),
        ({"buffers": (b"", bytes(11))}, "a constant of 11 bytes for a tensor of 12, shape (1, 3)"),
        ({"buffers": (b"",)}, "a tensor in buffer 1 of 1"),
        ({"more": {2: []}}, "0 subgraphs"),
        ({"more": {6: [{0: "x", 1: 2}]}}, "metadata in buffer 2 of 2"),
        ({"more": {7: [{4: 1}]}}, "a signature of subgraph 1 of 1"),
        ({"more": {7: [{0: [{0: "x", 1: 3}]}]}}, "a signature with tensor 3"),
        ({"more": {1: [{3: 32}]}}, "an operator without a name"),
        ({"more": {8: [{0: "weights.bin"}]}}, "weights in another file"),
    ],
)
def test_what_points_elsewhere_is_named(changed: dict[str, object], message: str) -> None:
    assert verdict(model(**changed)) == message  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (tensor(1, -3), "a tensor of shape (1, -3)"),
        (tensor(2**20, 2**20), "a tensor of 4398046511104 bytes, shape (1048576, 1048576)"),
        (tensor(*[1] * 9), "9 numbers at byte"),
        (tensor(1, 3, kind=77), "a tensor of the unknown type 77"),
        (tensor(1, 3, buffer=7), "a tensor in buffer 7 of 2"),
        (tensor(1, 3, _6={0: words(0)}), "a sparse tensor"),
        (tensor(1, 3, _4={2: (1.0, 1.0), 3: Raw(bytes(16), 8), 6: 1}), "2 scales and 2 zero points for 3 channels"),
        (tensor(1, 3, _4={2: (1.0, 1.0, 1.0), 3: Raw(bytes(24), 8), 6: 2}), "a quantized dimension 2 of 2"),
        (tensor(1, 3, _4={2: (float("nan"),)}), "a scale that is no positive number"),
        (tensor(1, 3, _4={2: (float("inf"),)}), "a scale that is no positive number"),
        (tensor(1, 3, _4={2: (-1.0,)}), "a scale that is no positive number"),
        (tensor(1, 3, kind=INT8, _4={2: (1.0,), 3: Raw(struct.pack("<q", 128), 8)}), "a zero point beyond its type"),
    ],
)
def test_a_tensor_that_cannot_be_is_named(changed: Fields, message: str) -> None:
    found = verdict(model(tensors=[changed, tensor(1, 3, buffer=1), tensor(1, 3)]))
    assert found.startswith(message)


def test_tensors_that_are_too_large_together_are_refused() -> None:
    many = [tensor(2**14, 2**14) for _ in range(3)]
    assert verdict(model(tensors=many, buffers=(b"", b""), operators=[{1: words(0), 2: words(1, 2)}])) == (
        "tensors of 3221225472 bytes together"
    )


@pytest.mark.parametrize("stride", [0, -1])
def test_a_stride_that_a_kernel_would_divide_by_is_refused(stride: int) -> None:
    options = {3: Raw(b"\x01", 0), 4: {1: stride % 2**32, 2: 1, 4: 1, 5: 1}}
    operators = [{1: words(0, 1), 2: words(2)} | options]
    assert verdict(model(operators=operators, more={1: [{3: 3}]})) == f"a stride, dilation or block of {stride}"
    assert verdict(model(more={1: [{3: 3}]})) == "an operator with options of kind 0, which has those of kind 1"


def test_subgraphs_that_call_one_another_are_refused() -> None:
    call = {3: Raw(b"\x10", 0), 4: {0: 0}}
    operators = [{1: words(0, 1), 2: words(2)} | call]
    assert verdict(model(operators=operators)) == "subgraphs that call one another without end"
    operators[0][4] = {0: 5}
    assert verdict(model(operators=operators)) == "a call of subgraph 5 of 1"


def test_a_vector_of_a_million_pointers_to_one_table_is_refused_at_once() -> None:
    data = bytearray(model())
    place = Table.root(bytes(data))._place(4)
    assert place is not None
    struct.pack_into("<I", data, place, len(data) - place)
    start, count = len(data), 1_000_000
    data += struct.pack("<I", count) + b"".join(struct.pack("<I", 4 * (count - index)) for index in range(count))
    data += struct.pack("<HHi", 4, 4, 4)
    assert verdict(bytes(data)) == f"a vector of 1000000 tables at byte {start}"
