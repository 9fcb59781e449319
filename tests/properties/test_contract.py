"""Contracts: what is written is read again, alone and inside of a model file, and nothing else is."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeproof.edge import modelfile, typed_json
from edgeproof.edge.contract import Contract, Format, Integrity
from edgeproof.edge.errors import InputError
from generated import contracts

# A protobuf message is any sequence of fields; these have the wire types that a ModelProto has.
fields = st.one_of(
    st.tuples(st.integers(1, 13), st.binary(max_size=40)).map(lambda f: bytes([f[0] << 3 | 2, len(f[1])]) + f[1]),
    st.tuples(st.integers(1, 13), st.integers(0, 127)).map(lambda f: bytes([f[0] << 3, f[1]])),
)
MODELS = {
    Format.TFLITE: st.binary(max_size=60).map(lambda rest: b"\x1c\0\0\0TFL3" + rest),
    Format.ONNX: st.lists(fields, max_size=5).map(b"".join),
}
members = st.dictionaries(
    st.from_regex(r"golden-[a-z0-9]{1,6}\.(png|json|txt)", fullmatch=True), st.binary(max_size=60), max_size=3
)
plains = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def places(plain: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """List the way to everything in a JSON value."""
    keys = list(plain) if isinstance(plain, dict) else range(len(plain)) if isinstance(plain, list) else []
    return [path, *(place for key in keys for place in places(plain[key], (*path, key)))]


def at(plain: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        plain = plain[key]
    return plain


@given(contracts())
def test_contract_is_read_as_it_was_written(contract: Contract) -> None:
    text = typed_json.dumps(contract)
    assert typed_json.loads(Contract, text, "here") == contract
    assert typed_json.loads(Contract, text.encode(), "here") == contract
    assert typed_json.dumps(typed_json.loads(Contract, text, "here")) == text


@given(contracts(), st.data())
def test_field_that_nobody_knows_is_refused(contract: Contract, data: st.DataObject) -> None:
    plain = json.loads(typed_json.dumps(contract))
    # `tools` is the one object whose names are free.
    objects = [p for p in places(plain) if isinstance(at(plain, p), dict) and p[-1:] != ("tools",)]
    at(plain, data.draw(st.sampled_from(objects)))["no such field"] = data.draw(plains)
    with pytest.raises(InputError, match="received also 'no such field'"):
        typed_json.loads(Contract, json.dumps(plain), "here")


@given(contracts(), plains, st.data())
def test_any_other_value_in_any_place_is_refused_or_kept(contract: Contract, value: Any, data: st.DataObject) -> None:
    """Never taken for something else: what is read is written again as it came, but for 1, which may become 1.0."""
    plain = json.loads(typed_json.dumps(contract))
    *way, last = data.draw(st.sampled_from(places(plain)[1:]))
    at(plain, tuple(way))[last] = value
    try:
        read = typed_json.loads(Contract, json.dumps(plain), "here")
    except InputError as error:
        assert ": here" in str(error)  # noqa: PT017 - it need not be raised
    else:
        assert json.loads(typed_json.dumps(read)) == plain


@given(contracts(), st.sampled_from([True, False, float("inf"), float("nan")]), st.data())
def test_truth_and_infinity_are_no_numbers(contract: Contract, other: float, data: st.DataObject) -> None:
    """In Python they are, and compare as such."""
    plain = json.loads(typed_json.dumps(contract))
    numbers = [place for place in places(plain) if isinstance(at(plain, place), (int, float))]
    *way, last = data.draw(st.sampled_from(numbers))
    at(plain, tuple(way))[last] = other
    with pytest.raises(InputError, match="here"):
        typed_json.loads(Contract, json.dumps(plain), "here")


@given(plains)
def test_any_json_that_is_no_contract_is_refused(value: Any) -> None:
    with pytest.raises(InputError, match="here"):
        typed_json.loads(Contract, json.dumps(value), "here")


@given(st.binary(max_size=40) | st.text(max_size=40))
def test_any_bytes_that_are_no_contract_are_refused(text: bytes | str) -> None:
    with pytest.raises(InputError, match="here"):
        typed_json.loads(Contract, text, "here")


@pytest.mark.parametrize("kind", Format)
@given(contract=contracts(), riders=members, data=st.data())
def test_model_file_gives_back_what_was_put_into_it(
    kind: Format, contract: Contract, riders: dict[str, bytes], data: st.DataObject
) -> None:
    model = data.draw(MODELS[kind])
    file = modelfile.parse(modelfile.assemble(kind, model, contract, riders), "here")
    assert (file.format, file.model) == (kind, model)
    assert file.contract == replace(contract, integrity=modelfile.identity(model))
    assert file.contract.integrity == Integrity(hashlib.sha256(model).hexdigest(), len(model))
    assert riders.items() <= file.members.items()
    assert set(file.members) - set(riders) <= {"contract.json", "labels.txt", "axis-labels.txt"}


@pytest.mark.parametrize("kind", Format)
@given(contract=contracts(), riders=members, data=st.data())
def test_any_flipped_bit_of_a_model_file_is_refused(
    kind: Format, contract: Contract, riders: dict[str, bytes], data: st.DataObject
) -> None:
    whole = modelfile.assemble(kind, data.draw(MODELS[kind]), contract, riders)
    broken = bytearray(whole)
    bit = data.draw(st.integers(0, 8 * len(whole) - 1))
    broken[bit // 8] ^= 1 << bit % 8
    with pytest.raises(InputError):
        modelfile.parse(bytes(broken), "here")


@pytest.mark.parametrize("kind", Format)
@given(contract=contracts(), data=st.data())
def test_model_file_that_is_cut_short_is_never_taken_for_a_whole_one(
    kind: Format, contract: Contract, data: st.DataObject
) -> None:
    """A copy may end anywhere, even where nothing is left that says whose file it was."""
    whole = modelfile.assemble(kind, data.draw(MODELS[kind]), contract, {})
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    try:
        file = modelfile.parse(cut, "here")
    except InputError:
        return
    assert file.contract is None
