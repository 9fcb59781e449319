from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from edgeproof.edge import typed_json
from edgeproof.edge.contract import (
    FORMAT,
    Activation,
    Calibration,
    CalibrationMethod,
    Color,
    Contract,
    GoldenFrame,
    ImageInput,
    Integrity,
    ModelOutput,
    NumberInput,
    Precision,
    Proof,
    Provenance,
    Quantization,
    Resize,
    Verdict,
)
from edgeproof.edge.errors import InputError

# Written by hand: what other programs may find in contract.json.
PLAIN: dict[str, Any] = {
    "name": "rps-int8",
    "input": {
        "height": 150,
        "width": 100,
        "channels": 3,
        "color": "rgb",
        "resize": "center-crop",
        "interpolation": "linear",
        "range": [0.0, 1.0],
        "dtype": "uint8",
        "quantization": {"scale": 0.003921568859368563, "zero_point": 0},
        "layout": "nhwc",
        "channel_ranges": [],
        "kind": "image",
    },
    "output": {
        "activation": "softmax",
        "labels": ["paper", "rock"],
        "dtype": "uint8",
        "quantization": {"scale": 0.00390625, "zero_point": 0},
        "unknown_below": 0.5,
    },
    "format": "edgeproof-contract/1",
    "provenance": {
        "model": "rps",
        "precision": "int8",
        "created": "2025-01-01T00:00:00Z",
        "trained_on": "hands",
        "train_images": 80,
        "seed": 1,
        "tools": {"tensorflow": "2.21.0"},
        "minimum_runtime": "1.14.0",
        "calibration": {"images": 10, "sha256": "ab", "method": "min-max"},
        "float_layers": [],
    },
    "proof": {
        "verdict": "pass",
        "reference": "model.keras",
        "n": 20,
        "n_validation": 20,
        "margin": 0.01,
        "loss_bound": 0.005,
        "confidence": 0.95,
        "agreement": 1.0,
        "accuracy": None,
        "accuracy_reference": 0.97,
        "tolerance": 0.02,
        "golden": [{"file": "golden/0.png", "label": "rock", "input_sha256": "cd", "scores": [0.25, 0.75]}],
    },
    "integrity": {"sha256": "ef", "size": 1234},
}
CONTRACT = Contract(
    name="rps-int8",
    input=ImageInput(
        height=150,
        width=100,
        channels=3,
        resize=Resize.CENTER_CROP,
        dtype="uint8",
        quantization=Quantization(0.003921568859368563, 0),
    ),
    output=ModelOutput(Activation.SOFTMAX, ("paper", "rock"), "uint8", Quantization(1 / 256, 0), 0.5),
    provenance=Provenance(
        model="rps",
        precision=Precision.INT8,
        created="2025-01-01T00:00:00Z",
        trained_on="hands",
        train_images=80,
        seed=1,
        tools={"tensorflow": "2.21.0"},
        minimum_runtime="1.14.0",
        calibration=Calibration(10, "ab", CalibrationMethod.MIN_MAX),
    ),
    proof=Proof(
        verdict=Verdict.PASS,
        reference="model.keras",
        n=20,
        n_validation=20,
        margin=0.01,
        loss_bound=0.005,
        confidence=0.95,
        agreement=1.0,
        accuracy=None,
        accuracy_reference=0.97,
        tolerance=0.02,
        golden=(GoldenFrame("golden/0.png", "rock", "cd", (0.25, 0.75)),),
    ),
    integrity=Integrity("ef", 1234),
)
NUMBERS = {"count": 2, "range": [-1.0, 1.0], "dtype": "float32", "quantization": None, "kind": "numbers"}


def changed(path: str, value: object) -> str:
    """Give the JSON with the value at a path such as "input.height" changed, or, where it is `...`, left out."""
    plain = copy.deepcopy(PLAIN)
    *parents, last = path.split(".")
    place = plain
    for name in parents:
        place = place[name]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return json.dumps(plain)


def read(text: str) -> Contract:
    return typed_json.loads(Contract, text, "contract.json")


def test_contract_is_read_from_its_json() -> None:
    assert read(json.dumps(PLAIN)) == CONTRACT


def test_contract_is_written_as_its_json() -> None:
    assert json.loads(typed_json.dumps(CONTRACT)) == PLAIN


def test_least_contract_of_numbers_is_read() -> None:
    least = {"name": "n", "input": NUMBERS, "output": {"activation": "linear"}}
    assert read(json.dumps(least)) == Contract("n", NumberInput(2, (-1.0, 1.0)), ModelOutput(Activation.LINEAR))


GOLDEN = {"file": "golden/0.png", "label": None, "input_sha256": "0", "scores": []}


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("name", ..., "expected the field 'name', received none: contract.json"),
        ("input.height", ..., "expected the field 'height', received none: contract.json: input"),
        ("proof.golden", [{}], "expected the field 'file', received none: contract.json: proof: golden[0]"),
        ("colour", "rgb", "received also 'colour': contract.json"),
        ("output.threshold", 0.5, "received also 'threshold': contract.json: output"),
        ("input.height", "150", "expected int, received '150': contract.json: input: height"),
        ("input.height", True, "expected int, received True: contract.json: input: height"),
        ("input.height", 150.0, "expected int, received 150.0: contract.json: input: height"),
        ("input.height", 0, "expected a height and width from 1 to 8192, received 0×100: contract.json: input"),
        ("input.width", 10**30, "expected a height and width from 1 to 8192"),
        ("input.channels", 1, "expected 3 channels for rgb or bgr and 1 for gray, received 1: contract.json: input"),
        ("input.color", "RGB", "expected one of rgb, bgr, gray, received 'RGB': contract.json: input: color"),
        ("input.range", [1.0, 0.0], "expected a range from low to high, received (1.0, 0.0): contract.json: input"),
        ("input.range", [0.0, 5e-324], "expected a range from low to high, received (0.0, 5e-324): contract.json"),
        ("input.range", [0.0], "expected 2 values, received [0.0]: contract.json: input: range"),
        ("input.range", [0.0, float("inf")], "expected a finite number, received inf: contract.json: input: range[1]"),
        ("input.range", [0, 10**400], "expected a finite number, received one of 1329 bits: contract.json: input"),
        ("input.kind", "sound", "expected an object with a known `kind`"),
        ("input.quantization.scale", 0, "expected a scale above 0, received 0.0: contract.json: input: quantization"),
        ("input.quantization.scale", -1.0, "expected a scale above 0, received -1.0: contract.json: input"),
        ("input.quantization.scale", float("nan"), "expected a finite number, received nan: contract.json: input"),
        ("input.quantization.zero_point", 0.5, "expected int, received 0.5: contract.json: input: quantization: zero"),
        (
            "input.quantization",
            None,
            "expected a quantization of integers, and none of float32, received none of uint8",
        ),
        ("input.dtype", "float32", "and none of float32, received one of float32: contract.json: input"),
        ("output.quantization", None, "none of float32, received none of uint8: contract.json: output"),
        (
            "output.activation",
            "relu",
            "expected one of softmax, sigmoid, logits, sigmoid-logits, linear, received",
        ),
        ("output.labels", "paper,rock", "expected a list, received 'paper,rock': contract.json: output: labels"),
        ("output.labels", {"0": "paper"}, "expected a list, received {'0': 'paper'}: contract.json: output: labels"),
        ("output.labels", ["paper", 1], "expected str, received 1: contract.json: output: labels[1]"),
        ("output.labels", ["a", "b", "a"], "expected labels that differ, received a, b, a: contract.json: output"),
        ("output.labels", ["a", "unknown"], "expected no label called 'unknown'"),
        ("output.labels", ["a"], "expected at least 2 labels, received 1: a: contract.json: output"),
        ("output.labels", [], "expected labels for all but linear outputs, and none for those: contract.json: output"),
        ("output.activation", "linear", "expected labels for all but linear outputs, and none for those"),
        ("output.unknown_below", float("nan"), "expected a finite number, received nan: contract.json: output: unkn"),
        (
            "input.range",
            [0.0, 1e300],
            "expected a range from low to high, received (0.0, 1e+300): contract.json: input",
        ),
        ("input.quantization.scale", 1e-320, "expected a scale above 0, received 1e-320: contract.json: input"),
        ("input.quantization.zero_point", 10**30, "expected a zero point of 32 bits, received one of 100: contract"),
        ("output.labels", ["l"] * 200_000, "expected at most 100000 labels, received 200000: contract.json: output"),
        ("output.labels", ["l"] * 9, "expected labels that differ, received l, l, l, l, l and 4 more: contract.json"),
        ("proof.golden", [GOLDEN | {"scores": [0, -1e300]}], "expected scores that float32 can hold, received -1e+300"),
        ("proof.golden", [GOLDEN] * 65, "expected at most 64 golden frames, received 65: contract.json: proof"),
        ("output.unknown_below", None, "expected float, received None: contract.json: output: unknown_below"),
        ("format", "edgeproof-contract/2", f"expected the contract format {FORMAT}, received edgeproof-contract/2"),
        ("provenance.tools", [], "expected an object, received []: contract.json: provenance: tools"),
        (
            "provenance.precision",
            "int4",
            "expected one of fp32, fp16, dynamic, int16x8, mixed, int8, received 'int4': contract.json: provenance",
        ),
        ("proof.verdict", "maybe", "expected one of pass, fail, inconclusive, received 'maybe': contract.json: proof"),
        ("proof.golden", {}, "expected a list, received {}: contract.json: proof: golden"),
        ("integrity", [[[[]]]], "expected an object, received [[[[]]]]: contract.json: integrity"),
        ("integrity.size", "1234", "expected int, received '1234': contract.json: integrity: size"),
    ],
)
def test_bad_contract_is_one_clear_line(path: str, value: object, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read(changed(path, value))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("count", "limits", "message"),
    [(0, [0, 1], "expected 1 to 1000000 numbers"), (1, [1, 1], "expected a range from low to high, received")],
)
def test_bad_input_of_numbers_is_refused(count: int, limits: list[float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(changed("input", NUMBERS | {"count": count, "range": limits}))


@pytest.mark.parametrize(
    ("activation", "labels", "units"),
    [
        (Activation.SOFTMAX, ("a", "b"), 2),
        (Activation.SOFTMAX, ("a", "b", "c"), 3),
        (Activation.SIGMOID, ("a", "b"), 1),
        (Activation.SIGMOID, ("a", "b", "c"), 3),
        (Activation.LINEAR, (), None),
    ],
)
def test_units_follow_from_activation_and_labels(
    activation: Activation, labels: tuple[str, ...], units: int | None
) -> None:
    assert ModelOutput(activation, labels).units == units


def test_shape_is_that_of_one_sample() -> None:
    assert ImageInput(height=3, width=5, channels=1, color=Color.GRAY).shape == (3, 5, 1)
    assert NumberInput(7, (0.0, 1.0)).shape == (7,)
