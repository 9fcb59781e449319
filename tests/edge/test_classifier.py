from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from edgeproof.edge import modelfile
from edgeproof.edge.classifier import Classifier
from edgeproof.edge.contract import (
    Activation,
    Contract,
    GoldenFrame,
    ImageInput,
    ModelOutput,
    NumberInput,
    Quantization,
)
from edgeproof.edge.errors import InputError
from edgeproof.edge.interpreters import TensorInfo, open_interpreter
from edgeproof.edge.preprocess import decode_image, write_input
from golden import HELLO, LABELS, RPS, foreign

GOLDEN = RPS + HELLO


def golden_samples(path: Path) -> list[tuple[GoldenFrame, NDArray[np.generic]]]:
    file = modelfile.read(path)
    assert file.contract is not None
    assert file.contract.proof is not None
    samples: list[tuple[GoldenFrame, NDArray[np.generic]]] = []
    for frame in file.contract.proof.golden:
        content = file.members[frame.file]
        is_picture = frame.file.endswith(".png")
        sample = decode_image(content, frame.file) if is_picture else np.array(json.loads(content), np.float32)
        samples.append((frame, sample))
    assert len(samples) == 3
    return samples


def bare(models: Path, name: str, folder: Path) -> Path:
    """Write a golden model without what edgeproof put behind it."""
    path = folder / name
    path.write_bytes(foreign(models / name))
    return path


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_frames_give_the_recorded_scores(models: Path, name: str) -> None:
    classifier = Classifier.open(models / name)
    proof = classifier.contract.proof
    assert proof is not None
    for frame, sample in golden_samples(models / name):
        prediction = classifier.classify(sample)
        assert prediction.scores.tolist() == pytest.approx(frame.scores, abs=proof.tolerance)
        assert int(np.argmax(prediction.scores)) == int(np.argmax(frame.scores))
        assert prediction.label == frame.label


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_frames_give_the_recorded_input_tensor(models: Path, name: str) -> None:
    interpreter = Classifier.open(models / name).interpreter
    contract = modelfile.read(models / name).contract
    assert contract is not None
    for frame, sample in golden_samples(models / name):
        write_input(sample, contract.input, interpreter.input_tensor())
        assert hashlib.sha256(interpreter.input_tensor().tobytes()).hexdigest() == frame.input_sha256


@pytest.mark.parametrize("name", ["rps-int8.tflite", "rps-fp32.onnx"])
def test_swapped_colours_are_seen(models: Path, name: str) -> None:
    """The golden frames prove something: the same frames with red and blue swapped give other scores."""
    classifier = Classifier.open(models / name)
    off = [
        np.abs(classifier.classify(sample[..., ::-1]).scores - np.array(frame.scores)).max()
        for frame, sample in golden_samples(models / name)
    ]
    assert max(off) > 0.05


@pytest.mark.parametrize("name", GOLDEN[:4])
def test_prediction_of_a_picture_is_whole(models: Path, name: str) -> None:
    classifier = Classifier.open(models / name)
    _, sample = golden_samples(models / name)[0]
    prediction = classifier.classify(sample)
    assert tuple(prediction.probabilities) == LABELS
    assert list(prediction.probabilities.values()) == prediction.scores.tolist()
    assert prediction.score == max(prediction.probabilities.values())
    assert sum(prediction.probabilities.values()) == pytest.approx(1, abs=0.02)
    assert prediction.scores.dtype == np.float32


@pytest.mark.parametrize("name", GOLDEN[4:])
def test_prediction_of_a_number_has_no_label(models: Path, name: str) -> None:
    prediction = Classifier.open(models / name).classify(np.array([10], np.float32))
    assert prediction.label is None
    assert prediction.probabilities == {}
    assert prediction.score == pytest.approx(19, abs=0.1)


def test_answers_do_not_depend_on_what_came_before(models: Path) -> None:
    classifier = Classifier.open(models / "rps-int8.tflite")
    samples = [sample for _, sample in golden_samples(models / "rps-int8.tflite")]
    first = [classifier.classify(sample).scores for sample in samples]
    again = [classifier.classify(sample).scores for sample in reversed(samples)][::-1]
    assert all(np.array_equal(one, other) for one, other in zip(first, again, strict=True))
    assert not np.array_equal(first[0], first[1])


@pytest.mark.parametrize("name", ["rps-int8.tflite", "rps-fp32.onnx"])
def test_model_without_a_contract_is_refused(models: Path, name: str, tmp_path: Path) -> None:
    path = bare(models, name, tmp_path)
    with pytest.raises(InputError, match=r"expected a contract inside the file, received none: .* or pass --labels"):
        Classifier.open(path)


def test_contract_may_be_supplied(models: Path, tmp_path: Path) -> None:
    whole = Classifier.open(models / "rps-int8.onnx")
    supplied = Classifier.open(bare(models, "rps-int8.onnx", tmp_path), contract=whole.contract)
    for _, sample in golden_samples(models / "rps-int8.onnx"):
        assert np.array_equal(supplied.classify(sample).scores, whole.classify(sample).scores)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"output": ModelOutput(Activation.SOFTMAX, (*LABELS, "lizard"))},
            r"expected 3 label\(s\) for as many outputs, received 4: paper, rock, scissors, lizard; pass --labels",
        ),
        ({"output": ModelOutput(Activation.SIGMOID, ("a", "b"))}, r"expected 3 label\(s\) for as many outputs"),
        (
            {"input": ImageInput(16, 32, 3, dtype="uint8", quantization=Quantization(1 / 255, 0))},
            r"expected an input tensor uint8 \(1, 16, 32, 3\) as the contract says, received uint8 \(1, 32, 32, 3\)",
        ),
        ({"input": ImageInput(height=32, width=32, channels=3)}, r"expected an input tensor float32 \(1, 32, 32, 3\)"),
        ({"input": NumberInput(1, (0.0, 1.0))}, r"expected an input tensor float32 \(1, 1\)"),
    ],
)
def test_contract_that_does_not_fit_the_model_is_refused(models: Path, change: dict[str, object], message: str) -> None:
    file = modelfile.read(models / "rps-int8.tflite")
    assert file.contract is not None
    contract: Contract = replace(file.contract, **change)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=message):
        Classifier(contract, open_interpreter(file.model, file.format))


class Runtime:
    """An interpreter whose output is of any shape, said beforehand or only shown."""

    name = "fake 1"

    def __init__(self, said: tuple[int | None, ...], shown: tuple[int, ...]) -> None:
        self.input = TensorInfo("input", (1, 2), "float32", None)
        self.output = TensorInfo("output", said, "float32", None)
        self._shown = shown

    def input_tensor(self) -> NDArray[np.generic]:
        return np.zeros((1, 2), np.float32)

    def invoke(self) -> None:
        pass

    def output_tensor(self) -> NDArray[np.generic]:
        return np.zeros(self._shown, np.float32)


NUMBERS = Contract("n", NumberInput(2, (0.0, 1.0)), ModelOutput(Activation.SOFTMAX, ("a", "b")))


@pytest.mark.parametrize("said", [(), (2,), (1, 2, 2), (3, 2)])
def test_output_that_is_no_row_of_scores_is_refused(said: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match=r"expected an output tensor of shape \(1, units\), received \("):
        Classifier(NUMBERS, Runtime(said, (1, 2)))


@pytest.mark.parametrize("shown", [(), (2,), (1, 3), (2, 1)])
def test_output_that_shows_another_shape_is_refused(shown: tuple[int, ...]) -> None:
    classifier = Classifier(NUMBERS, Runtime((None, None), shown))
    with pytest.raises(InputError, match=r"expected an output of shape \(1, 2\), received \("):
        classifier.classify(np.zeros(2, np.float32))


@pytest.mark.parametrize("shape", [(1, 2), (1, 1, 2), (1, 1, 1, 2), (1, 2, 1, 1)])
def test_dimensions_of_1_around_a_row_of_scores_are_taken_off(shape: tuple[int, ...]) -> None:
    prediction = Classifier(NUMBERS, Runtime(shape, shape)).classify(np.zeros(2, np.float32))
    assert (prediction.label, prediction.scores.tolist()) == ("a", [0.0, 0.0])


@pytest.mark.parametrize("shape", [(32, 32), (32, 32, 1), (32, 32, 4)])
def test_sample_of_another_shape_is_refused(models: Path, shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="expected a BGR frame of uint8"):
        Classifier.open(models / "rps-int8.tflite").classify(np.zeros(shape, np.uint8))


@pytest.mark.parametrize("name", ["rps-int8.tflite", "rps-fp32.onnx"])
def test_what_is_filled_in_is_answered_as_it_would_be_at_once(models: Path, name: str) -> None:
    if name.endswith(".onnx"):
        pytest.importorskip("onnxruntime")
    classifier = Classifier.open(models / name)
    frame = np.random.default_rng(5).integers(0, 256, (40, 60, 3), np.uint8)
    whole = classifier.classify(frame)
    classifier.classify(np.zeros((9, 9, 3), np.uint8))  # so that nothing is left of it
    classifier.fill(frame)
    parted = classifier.answer_filled()
    assert parted.scores.tolist() == whole.scores.tolist()
    assert parted.latency.preprocess == 0
    assert parted.latency.total >= parted.latency.invoke > 0
