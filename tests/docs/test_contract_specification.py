"""docs/contract.md holds: a reader written from it alone agrees with ours, and it names every field and no other."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any, get_args, get_type_hints

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import independent_reader
import pages
from edgeproof.edge import contract as vocabulary
from edgeproof.edge import modelfile, typed_json
from edgeproof.edge.contract import Contract, ImageInput, ModelOutput
from edgeproof.edge.preprocess import Pixels, write_input
from edgeproof.edge.scores import ScoreReader
from generated import frames, image_inputs, outputs
from golden import HELLO, RPS
from signed import pair, signed

OBJECTS = {
    "Contract": vocabulary.Contract,
    "Image input": vocabulary.ImageInput,
    "Number input": vocabulary.NumberInput,
    "Quantization": vocabulary.Quantization,
    "Output": vocabulary.ModelOutput,
    "Provenance": vocabulary.Provenance,
    "Calibration": vocabulary.Calibration,
    "Proof": vocabulary.Proof,
    "Golden frame": vocabulary.GoldenFrame,
    "Integrity": vocabulary.Integrity,
}
SCHEMA = json.loads((pages.DOCS / "contract.schema.json").read_text("utf-8"))


def dataclasses_of(kind: Any) -> Iterator[type]:
    """List the dataclasses of which an annotation is made, at any depth."""
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        yield kind
        for hint in get_type_hints(kind).values():
            yield from dataclasses_of(hint)
    for part in get_args(kind):
        yield from dataclasses_of(part)


def enums_of(kind: Any) -> list[type[Enum]]:
    found = [kind] if isinstance(kind, type) and issubclass(kind, Enum) else []
    return found + [each for part in get_args(kind) for each in enums_of(part)]


def default_of(field: dataclasses.Field[Any]) -> object:
    assert field.default_factory is dataclasses.MISSING
    return dataclasses.MISSING if field.default is dataclasses.MISSING else typed_json.to_plain(field.default)


@pytest.mark.parametrize("name", RPS + HELLO)
def test_a_reader_written_from_the_page_agrees(models: Path, name: str) -> None:
    parts = independent_reader.read((models / name).read_bytes())
    file = modelfile.read(models / name)
    assert parts.network == file.model
    assert {member for member in parts.members if member != "seal"} == set(file.members)
    assert parts.signature is None
    golden = parts.contract["proof"]["golden"]
    assert len(golden) == 3
    for frame in golden:
        tensor = independent_reader.tensor_of(independent_reader.sample_of(parts, frame), parts.contract["input"])
        assert hashlib.sha256(tensor.tobytes()).hexdigest() == frame["input_sha256"]
        dequantized = parts.contract["output"] | {"quantization": None}
        best, _ = independent_reader.answer(np.array(frame["scores"]), dequantized)
        assert best == frame["label"]


@pytest.mark.parametrize("name", ["rps-int8.tflite", "rps-int8.onnx"])
def test_every_bit_is_sealed(models: Path, name: str) -> None:
    data = (models / name).read_bytes()
    for place in [*np.random.default_rng(0).integers(0, len(data), 20).tolist(), len(data) - 1, len(data) - 79]:
        flipped = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        with pytest.raises(independent_reader.RefusedError):
            independent_reader.read(flipped)


@pytest.mark.parametrize("name", ["rps-int8.tflite", "rps-int8.onnx"])
def test_a_signature_is_where_the_page_says(models: Path, tmp_path: Path, name: str) -> None:
    serialization = pytest.importorskip("cryptography.hazmat.primitives.serialization")
    keys = pair(tmp_path)
    parts = independent_reader.read(signed(models / name, tmp_path, keys).read_bytes())
    assert parts.signature is not None
    fingerprint, message, value = parts.signature
    key = serialization.load_pem_public_key(keys.public.read_bytes())
    key.verify(value, message)  # raises where it is of anything else
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    assert hashlib.sha256(key.public_bytes(serialization.Encoding.DER, form)).hexdigest() == fingerprint
    assert set(parts.members) - {"seal"} == set(modelfile.read(models / name).members)


@settings(max_examples=80)
@given(frames(), image_inputs())
def test_any_input_is_computed_as_the_page_says(frame: Pixels, spec: ImageInput) -> None:
    tensor = np.zeros((1, *spec.tensor_shape), spec.dtype)
    write_input(frame, spec, tensor)
    found = independent_reader.tensor_of(frame, typed_json.to_plain(spec))
    assert (found.dtype, found.shape) == (tensor.dtype, tensor.shape)
    assert np.array_equal(found, tensor)


@settings(max_examples=80)
@given(outputs(), st.data())
def test_any_output_is_read_as_the_page_says(output: ModelOutput, data: st.DataObject) -> None:
    units = output.units or 3
    rng = np.random.default_rng(data.draw(st.integers(0, 2**16)))
    row = rng.integers(0, 100, units).astype(output.dtype) if output.quantization else rng.random(units, np.float32)
    _, label, score, _ = ScoreReader(output).read(row)
    found, best = independent_reader.answer(row, typed_json.to_plain(output))
    assert best == pytest.approx(score, rel=1e-5, abs=1e-6)
    assert found == label or abs(score - output.unknown_below) < 1e-5


def test_the_page_has_every_object() -> None:
    assert set(dataclasses_of(Contract)) == set(OBJECTS.values())
    below = {kind.__name__ for kind in OBJECTS.values()}
    assert below == {name for name in SCHEMA["$defs"] if name[0].isupper()}


@pytest.mark.parametrize("title", list(OBJECTS))
def test_the_page_names_every_field_and_no_other(title: str) -> None:
    kind = OBJECTS[title]
    rows = pages.section("contract.md", title).rows
    fields = {field.name: field for field in dataclasses.fields(kind)}
    assert [row[0] for row in rows] == [f"`{name}`" for name in fields]
    for (_, kinds, default, meaning), (name, field) in zip(rows, fields.items(), strict=True):
        assert meaning, name
        stated = json.loads(default.strip("`")) if default else dataclasses.MISSING
        assert stated == default_of(field), name
        hint = get_type_hints(kind)[name]
        assert ("null" in kinds) == (type(None) in get_args(hint)), name
        for words in enums_of(hint):
            assert re.findall(r"`([^`]+)`", kinds) == [member.value for member in words], name


@pytest.mark.parametrize("kind", OBJECTS.values())
def test_the_schema_names_every_field_and_no_other(kind: type) -> None:
    schema, fields = SCHEMA["$defs"][kind.__name__], dataclasses.fields(kind)
    assert schema["additionalProperties"] is False
    assert list(schema["properties"]) == [field.name for field in fields]
    assert schema["required"] == [field.name for field in fields if default_of(field) is dataclasses.MISSING]
    for field in fields:
        stated = schema["properties"][field.name]
        for words in enums_of(get_type_hints(kind)[field.name]):
            assert stated["enum"] == [member.value for member in words]
        if "default" in stated:
            assert stated["default"] == default_of(field)


def contracts(models: Path) -> list[dict[str, Any]]:
    return [json.loads(modelfile.read(models / name).members["contract.json"]) for name in RPS + HELLO]


CHANGES: list[tuple[tuple[str | int, ...], object]] = [
    (("format",), "edgeproof-contract/2"),
    (("surprise",), 1),
    (("input", "height"), 0),
    (("input", "height"), True),
    (("input", "channels"), 1),
    (("input", "color"), "RGB"),
    (("input", "kind"), "sound"),
    (("input", "range"), [0.0]),
    (("input", "quantization", "scale"), 0),
    (("input", "quantization", "zero_point"), 0.5),
    (("input", "quantization"), None),
    (("input", "dtype"), "float32"),
    (("output", "quantization"), None),
    (("output", "labels"), ["rock"]),
    (("output", "labels"), ["rock", "rock"]),
    (("output", "labels"), ["rock", "unknown"]),
    (("output", "activation"), "linear"),
    (("provenance", "tools"), {"numpy": 2}),
    (("provenance", "calibration", "method"), "guess"),
    (("proof", "n"), None),
    (("proof", "golden", 0, "scores"), ["much"]),
]


def changed(contract: Any, place: tuple[str | int, ...], value: object) -> Any:
    """Give a copy with another value in a place."""
    if not place:
        return value
    key, *rest = place
    copy = list(contract) if isinstance(contract, list) else dict(contract)
    copy[key] = changed(copy[key] if rest else None, tuple(rest), value)  # type: ignore[index,call-overload]
    return copy


def test_the_schema_takes_what_we_write_and_refuses_what_we_refuse(models: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    validator = jsonschema.Draft202012Validator(SCHEMA)
    for contract in contracts(models):
        validator.validate(contract)
        validator.validate(typed_json.to_plain(typed_json.loads(Contract, json.dumps(contract), "written anew")))
    original = json.loads(modelfile.read(models / "rps-int8.tflite").members["contract.json"])
    for place, value in CHANGES:
        assert not validator.is_valid(changed(original, place, value)), place


@pytest.mark.parametrize(("place", "value"), CHANGES)
def test_what_the_schema_refuses_our_reader_refuses(models: Path, place: tuple[str | int, ...], value: object) -> None:
    original = json.loads(modelfile.read(models / "rps-int8.tflite").members["contract.json"])
    typed_json.loads(Contract, json.dumps(original), "as it is")
    with pytest.raises(Exception, match=r"^expected "):
        typed_json.loads(Contract, json.dumps(changed(original, place, value)), "changed")


def test_the_tolerances_of_the_page_are_those_that_are_written() -> None:
    golden = pytest.importorskip("edgeproof.export.golden", reason="the export is not installed", exc_type=ImportError)
    stated = {
        precision: float(row[1])
        for row in pages.section("contract.md", "Golden frames").rows
        for precision in re.findall(r"`([^`]+)`", row[0])
    }
    assert stated == {precision.value: tolerance for precision, tolerance in golden.TOLERANCE.items()}


def test_the_example_is_what_a_file_holds(models: Path) -> None:
    (block,) = pages.section("contract.md", "An example").blocks
    example = json.loads(block.text)
    held = independent_reader.read((models / "rps-int8.tflite").read_bytes()).contract
    tools = held["provenance"]["tools"]
    assert example["provenance"]["tools"].items() < tools.items()
    assert example["proof"]["golden"] == held["proof"]["golden"][:1]
    for whole in (example, held):
        whole["provenance"]["tools"], whole["proof"]["golden"] = {}, []
    assert example == held


@pytest.mark.parametrize("name", RPS + HELLO)
def test_what_the_page_has_a_reader_refuse_is_refused(models: Path, name: str) -> None:
    data = (models / name).read_bytes()
    middle = bytearray(data)
    middle[len(data) // 2] ^= 1
    for damaged in (bytes(middle), data[:-1], data + b"\0"):
        with pytest.raises(independent_reader.RefusedError):
            independent_reader.read(damaged)
