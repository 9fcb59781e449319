from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edgeproof.edge import modelfile
from edgeproof.edge.classifier import Classifier
from edgeproof.edge.contract import Color, Contract, ImageInput, Quantization, Resize
from edgeproof.edge.errors import InputError
from edgeproof.edge.foreign import Description
from edgeproof.edge.foreign import contracts as module
from edgeproof.edge.foreign.contracts import assumed_contract, open_foreign
from edgeproof.edge.interpreters import TensorInfo
from edgeproof.edge.preprocess import decode_image
from golden import RPS, foreign


@pytest.fixture
def bare(models: Path, tmp_path: Path) -> Path:
    """A model file as others make it."""
    path = tmp_path / "theirs.tflite"
    path.write_bytes(foreign(models / "rps-int8.tflite"))
    return path


def assume(
    path: Path,
    labels: str = "a,b,c",
    value_range: str = "0..1",
    resize: str = "stretch",
    activation: str = "softmax",
) -> Contract:
    said = Description(labels=labels, range=value_range, resize=resize, activation=activation)
    file = modelfile.read(path)
    contract, assumptions = assumed_contract(file, open_foreign(file, said), said)
    assert {assumption.argument for assumption in assumptions} <= {"color", "labels"}
    return contract


class Loaded:
    """An interpreter of which only the tensors are looked at."""

    def __init__(
        self,
        shape: tuple[int | None, ...],
        dtype: str = "float32",
        scores: tuple[int | None, ...] = (1, 3),
        scores_dtype: str = "float32",
    ) -> None:
        self.input = TensorInfo("input", shape, dtype, None)
        self.output = TensorInfo("output", scores, scores_dtype, None)


@pytest.mark.parametrize("name", RPS)
def test_flags_stand_in_for_the_contract(models: Path, tmp_path: Path, name: str) -> None:
    """The same network answers golden frames alike, whether its contract came with it or from flags."""
    file = modelfile.read(models / name)
    path = tmp_path / name
    path.write_bytes(foreign(models / name))
    own = Classifier.open(models / name)
    assumed = Classifier.open(path, contract=assume(path, "paper,rock,scissors"))
    for index in range(3):
        sample = decode_image(file.members[f"golden/{index}.png"], "golden")
        expected, answer = own.classify(sample), assumed.classify(sample)
        assert answer.label == expected.label
        assert np.array_equal(answer.scores, expected.scores)


def test_flags_and_tensors_make_the_contract(bare: Path) -> None:
    contract = assume(bare, "a, b ,c", "-1..1", "center-crop")
    assert contract.name == "rps-int8"  # as the golden file's TFLite Metadata have it
    assert contract.input == ImageInput(
        height=32,
        width=32,
        channels=3,
        resize=Resize.CENTER_CROP,
        range=(-1.0, 1.0),
        dtype="uint8",
        quantization=Quantization(float(np.float32(1 / 255)), 0),
    )
    assert contract.output.labels == ("a", "b", "c")
    assert (contract.output.dtype, contract.output.quantization) == ("uint8", Quantization(1 / 256, 0))
    assert contract.output.activation.value == "softmax"
    assert contract.output.unknown_below == 0
    assert contract.proof is None


@pytest.mark.parametrize("text", ["a\nb\nc\n", "a\r\nb\r\nc", "\n a \n\nb\nc\n\n"])
def test_labels_come_from_a_file(bare: Path, tmp_path: Path, text: str) -> None:
    path = tmp_path / "labels.txt"
    path.write_bytes(text.encode())
    assert assume(bare, str(path)).output.labels == ("a", "b", "c")


def test_labels_of_a_file_are_utf8(bare: Path, tmp_path: Path) -> None:
    (tmp_path / "labels.txt").write_bytes("Größe\nStein\n鋏\n".encode())
    assert assume(bare, str(tmp_path / "labels.txt")).output.labels == ("Größe", "Stein", "鋏")


def test_labels_may_be_many(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of a thousand labels is longer than the name of a file can be."""
    monkeypatch.setattr(module, "open_interpreter", lambda *_: Loaded((1, 28, 20, 3), scores=(1, 1000)))
    names = [f"label-{index}" for index in range(1000)]
    assert assume(bare, ",".join(names)).output.labels == tuple(names)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ("a,b,a", "expected labels that differ, received 'a,b,a'"),
        ("", "expected labels that differ, received ''"),
        (" , ,", "expected labels that differ"),
        ("a,b,unknown", "expected no label called 'unknown'"),
        ("a", r"expected 3 label\(s\) for as many outputs, received 1: a; pass --labels: .*theirs.tflite"),
    ],
)
def test_bad_labels_are_refused(bare: Path, labels: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        assume(bare, labels)


def test_file_that_holds_no_text_is_refused(bare: Path) -> None:
    with pytest.raises(InputError, match="expected a text file of labels, received something else"):
        assume(bare, str(bare))


@pytest.mark.parametrize("name", ["rps-int8.tflite", "hello-fp32.onnx"])
def test_model_with_its_own_contract_is_refused(models: Path, name: str) -> None:
    with pytest.raises(InputError, match="expected a model without a contract for --labels, received one with its own"):
        Classifier.open(models / name, labels="a,b,c")


def test_model_of_numbers_is_refused(models: Path, tmp_path: Path) -> None:
    path = tmp_path / "line.tflite"
    path.write_bytes(foreign(models / "hello-fp32.tflite"))
    with pytest.raises(InputError, match=r"\(1, height, width, 1 or 3\) or .*, received \(1, 1\): "):
        assume(path)


@pytest.mark.parametrize(
    ("shape", "color"), [((1, 28, 20, 1), Color.GRAY), ((1, 28, 20, 3), Color.RGB), ((None, 28, 20, 3), Color.RGB)]
)
def test_shape_of_the_tensor_decides(
    bare: Path, shape: tuple[int | None, ...], color: Color, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "open_interpreter", lambda *_: Loaded(shape))
    spec = assume(bare).input
    assert isinstance(spec, ImageInput)
    assert spec.shape == (28, 20, shape[-1])
    assert (spec.color, spec.dtype, spec.quantization) == (color, "float32", None)


@pytest.mark.parametrize(
    ("shape", "dtype", "message"),
    [
        ((2, 224, 224, 3), "float32", "expected an input of shape"),
        ((1, None, None, 3), "float32", "expected the size of pictures, which this file leaves open, .*pass --size"),
        ((1, None, None, None), "float32", "expected an input of shape"),
        ((1, 3, 224, 3), "float32", "expected 1 or 3 channels in one place, .*pass --layout nhwc or nchw"),
        ((224, 224, 3), "float32", "expected an input of shape"),
        ((1, 9000, 224, 3), "float32", "expected a height and width from 1 to 8192"),
        ((1, 224, 224, 3), "int32", "expected an input of float32, uint8 or int8, received int32"),
    ],
)
def test_input_that_takes_no_picture_is_refused(
    bare: Path, shape: tuple[int | None, ...], dtype: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "open_interpreter", lambda *_: Loaded(shape, dtype))
    with pytest.raises(InputError, match=message):
        assume(bare)


def test_one_output_is_a_sigmoid(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "open_interpreter", lambda *_: Loaded((1, 8, 8, 3), scores=(1, 1)))
    assert assume(bare, "cat,dog", activation="sigmoid").output.units == 1
    with pytest.raises(InputError, match="expected sigmoid or sigmoid-logits for 1 output, received softmax"):
        assume(bare, "cat,dog")


@pytest.mark.parametrize("scores", [(), (3,), (1, 2, 3), (1, 4, 4, 3)])
def test_output_that_is_no_row_of_scores_is_refused(
    bare: Path, scores: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "open_interpreter", lambda *_: Loaded((1, 8, 8, 3), scores=scores))
    with pytest.raises(InputError, match=r"expected an output of shape \(1, units\), received \("):
        assume(bare)


@pytest.mark.parametrize("dtype", ["uint8", "int8"])
def test_integer_output_of_unknown_quantization_is_refused(
    bare: Path, dtype: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "open_interpreter", lambda *_: Loaded((1, 8, 8, 3), scores_dtype=dtype))
    with pytest.raises(InputError, match=f"expected an output of float32, received {dtype} of unknown quantization"):
        assume(bare)
