"""The verifier of ONNX models, on messages encoded by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from onnx_files import (
    FLOAT,
    MEANS,
    PICTURE,
    SCORES,
    graph_attribute,
    message,
    model,
    node,
    number,
    sound,
    tensor,
    value,
)

from edgeproof.edge import modelfile
from edgeproof.edge.modelfile.protobuf import fields
from edgeproof.edge.quarantine.onnx import verify

ONNX = ["rps-int8.onnx", "rps-fp32.onnx", "hello-int8.onnx", "hello-fp32.onnx"]


def verdict(data: bytes) -> str:
    try:
        verify(data)
    except ValueError as error:
        return str(error)
    return "sound"


def holding(*parts: bytes) -> bytes:
    """Give a model with a tensor of these fields."""
    return sound(message(5, *parts))


@pytest.mark.parametrize("name", ONNX)
def test_golden_models_are_sound(models: Path, name: str) -> None:
    assert verdict(modelfile.read(models / name).model) == "sound"


def test_models_written_by_hand_are_sound() -> None:
    assert verdict(sound()) == "sound"
    assert verdict(sound(tensor(5, "w", FLOAT, (2, 3), bytes(24)))) == "sound"


@pytest.mark.parametrize("name", ONNX)
def test_a_model_that_ends_too_soon_is_refused(models: Path, name: str) -> None:
    data = modelfile.read(models / name).model
    (graph,) = (field for field in fields(data) if field.number == 7)
    assert verdict(data[: graph.end]) == "sound"  # the versions of operators are the runtime's to miss
    tried = [*range(8, graph.end, 1 + graph.end // 300), *range(graph.end - 100, graph.end)]
    assert [length for length in tried if verdict(data[:length]) == "sound"] == []


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (
            (number(1, 3), number(2, FLOAT), message(9, bytes(11))),
            "a tensor of 3 elements with 11 instead of 12 stored",
        ),
        ((number(1, 3), number(2, FLOAT)), "a tensor of 3 elements with 0 instead of 3 stored"),
        ((number(1, 3), number(2, FLOAT), message(4, bytes(8))), "a tensor of 3 elements with 2 instead of 3 stored"),
        (
            (number(1, 3), number(2, 7), message(7, b"\x80\x01\x02")),
            "a tensor of 3 elements with 2 instead of 3 stored",
        ),
        ((number(1, 2**63), number(2, FLOAT)), "a tensor of a negative size"),
        ((number(1, 2**40), number(2, FLOAT)), "a tensor of 1099511627776 elements"),
        ((number(1, 1) * 33, number(2, FLOAT)), "a tensor of too many dimensions"),
        ((number(1, 1), number(2, 99), message(9, b"x")), "a tensor of the unknown type 99"),
        ((number(1, 1), number(2, FLOAT), message(9, bytes(4)), message(4, bytes(4))), "a tensor whose numbers are th"),
        ((number(1, 1), number(2, FLOAT), message(9, bytes(4)) * 2), "field 9 of a tensor twice at byte"),
    ],
)
def test_a_tensor_that_is_not_as_large_as_it_says_is_named(parts: tuple[bytes, ...], message: str) -> None:
    assert verdict(holding(*parts)).startswith(message)


@pytest.mark.parametrize("where", ["/etc/passwd", "../../etc/passwd", "weights.bin"])
def test_weights_in_another_file_are_refused_wherever_the_tensor_is(where: str) -> None:
    entry = message(13, message(1, b"location"), message(2, where.encode()))
    outside = (number(1, 4), number(2, FLOAT), entry, number(14, 1))
    attribute = message(5, message(1, b"value"), message(5, *outside), number(20, 4))
    constant = node("Constant", (), ("c",), attribute)
    branch = node("If", ("c",), ("d",), graph_attribute("then_branch", constant))
    sparse = message(15, message(1, *outside))
    for data in (holding(*outside), sound(constant), sound(branch), sound(sparse)):
        assert verdict(data) == "weights in another file"
    assert verdict(holding(number(1, 4), number(2, FLOAT), number(14, 1))) == "weights in another file"


def test_a_part_that_is_there_twice_is_refused_for_readers_put_them_together() -> None:
    assert verdict(sound() + message(7, MEANS)).startswith("field 7 of a model twice")


@pytest.mark.parametrize("depth", [20, 500, 20_000])
def test_graphs_without_end_are_refused(depth: int) -> None:
    inner = b""
    for _ in range(depth):
        inner = message(1, message(5, message(6, inner)))
    assert verdict(model(PICTURE, SCORES, inner)).startswith("messages 25 deep")


def test_an_input_of_a_huge_size_is_refused_and_an_open_one_is_not() -> None:
    assert verdict(sound(value(13, "v", FLOAT, (2**20, 2**20)))) == "a tensor of 1099511627776 elements"
    assert verdict(sound(value(13, "v", FLOAT, (2**64 - 1, 3)))) == "sound"


def test_millions_of_empty_fields_are_refused() -> None:
    assert verdict(sound(message(1) * 400_000)) == "more than 299996 fields"


@pytest.mark.parametrize("data", [b"", b"\x08\x08", b"\x0a\x00\x0a\x00ORTM" + bytes(100)])
def test_what_has_no_graph_is_refused(data: bytes) -> None:
    assert verdict(data) in ("no graph", "onnxruntime's own format")
