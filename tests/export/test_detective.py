from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from edgeproof.edge.classifier import Classifier
from edgeproof.edge.contract import Activation, Color, Interpolation, Layout, ModelOutput, Quantization, Resize
from edgeproof.edge.hands import hand_pictures
from edgeproof.edge.preprocess import Pixels
from edgeproof.export.parity.answers import Scores
from edgeproof.export.parity.assignment import assign
from edgeproof.export.parity.detective import investigate
from edgeproof.export.parity.remedies import remedies
from edgeproof.export.parity.report import Diagnosis, Suspect

LABELS = ("paper", "rock", "scissors")
FILES = ["rps-int8.tflite", "rps-int8.onnx", "rps-fp32.tflite"]


@pytest.fixture(scope="module")
def frames() -> list[Pixels]:
    return [picture for _, picture in hand_pictures(64, 5, 96, 128, tidy=True)]


@pytest.fixture(scope="module")
def reference(models: Path, frames: list[Pixels]) -> Scores:
    classifier = Classifier.open(models / "rps-fp32.onnx")
    return np.stack([classifier.classify(frame).scores for frame in frames])


@pytest.fixture(scope="module", params=FILES)
def healthy(request: pytest.FixtureRequest, models: Path) -> Classifier:
    return Classifier.open(models / request.param)


class Wrapped:
    """An interpreter whose network reads its input, or gives its output, in another way."""

    def __init__(
        self,
        classifier: Classifier,
        reads: Callable[[np.ndarray], np.ndarray] = lambda tensor: tensor,
        gives: Callable[[np.ndarray], np.ndarray] = lambda tensor: tensor,
    ) -> None:
        self._inner, self._reads, self._gives = classifier.interpreter, reads, gives
        self.name, self.input, self.output = "wrapped", self._inner.input, self._inner.output
        self._tensor = np.zeros((1, *classifier.contract.input.shape), self.input.dtype)

    def input_tensor(self) -> np.ndarray:
        return self._tensor

    def invoke(self) -> None:
        self._inner.input_tensor()[0] = self._reads(self._tensor[0])
        self._inner.invoke()

    def output_tensor(self) -> np.ndarray:
        return self._gives(np.array(self._inner.output_tensor()))


def found(classifier: Classifier, frames: list[Pixels], reference: Scores) -> set[Suspect]:
    return {cause.suspect for cause in investigate(classifier, frames, reference, LABELS).causes}


def with_input(classifier: Classifier, **facts: object) -> Classifier:
    spec = replace(classifier.contract.input, **facts)  # type: ignore[arg-type]
    return Classifier(replace(classifier.contract, input=spec), classifier.interpreter)


@pytest.mark.parametrize(
    ("facts", "suspect"),
    [
        ({"color": Color.BGR}, Suspect.COLOR),
        ({"range": (-1.0, 1.0)}, Suspect.RANGE),
        ({"range": (0.0, 255.0)}, Suspect.RANGE),
        ({"resize": Resize.CENTER_CROP}, Suspect.RESIZE),
        ({"interpolation": Interpolation.NEAREST}, Suspect.RESIZE),
    ],
)
def test_a_wrong_fact_about_the_input_is_named(
    healthy: Classifier, frames: list[Pixels], reference: Scores, facts: dict[str, object], suspect: Suspect
) -> None:
    assert found(with_input(healthy, **facts), frames, reference) == {suspect}


def test_a_healthy_file_has_no_cause(healthy: Classifier, frames: list[Pixels], reference: Scores) -> None:
    diagnosis = investigate(healthy, frames, reference, LABELS)
    assert diagnosis == Diagnosis(diagnosis.agreement, 64)
    assert diagnosis.agreement >= 62 / 64


@pytest.mark.parametrize("file", ["rps-int8.tflite", "rps-int8.onnx"])
@pytest.mark.parametrize("quantization", [Quantization(1 / 255, 128), Quantization(2 / 255, 0)])
def test_a_wrong_input_quantization_is_named(
    models: Path, frames: list[Pixels], reference: Scores, file: str, quantization: Quantization
) -> None:
    broken = with_input(Classifier.open(models / file), quantization=quantization)
    assert found(broken, frames, reference) == {Suspect.INPUT}


def test_output_with_dimensions_of_one_is_read_as_a_row(models: Path, frames: list[Pixels], reference: Scores) -> None:
    broken = with_input(Classifier.open(models / "rps-fp32.tflite"), color=Color.BGR)
    # As older networks for TFLite have it: (1, 1, 1, units).
    broken.interpreter = Wrapped(broken, gives=lambda scores: scores[:, None, None])
    assert found(broken, frames, reference) == {Suspect.COLOR}


def test_the_changes_are_said_in_words(models: Path, frames: list[Pixels], reference: Scores) -> None:
    healthy = Classifier.open(models / "rps-fp32.tflite")
    broken = with_input(healthy, color=Color.BGR, resize=Resize.CENTER_CROP)
    diagnosis = investigate(broken, frames, reference, LABELS)
    assert [cause.change for cause in diagnosis.causes] == [
        "feed RGB instead of BGR (--color=rgb)",
        "resize with stretch instead of center-crop (--resize stretch)",
    ]
    assert [cause.agreement for cause in diagnosis.causes][-1] == 1
    assert diagnosis.agreement < diagnosis.causes[0].agreement


@pytest.mark.parametrize("facts", [{"color": Color.BGR}, {"range": (-1.0, 1.0)}])
def test_two_causes_are_both_named(
    healthy: Classifier, frames: list[Pixels], reference: Scores, facts: dict[str, object]
) -> None:
    broken = with_input(healthy, **facts)
    output = replace(broken.contract.output, labels=("rock", "scissors", "paper"))
    mixed = Classifier(replace(broken.contract, output=output), broken.interpreter)
    expected = {Suspect.LABELS, Suspect.COLOR if "color" in facts else Suspect.RANGE}
    assert found(mixed, frames, reference) == expected


@pytest.mark.parametrize("order", list(permutations(LABELS))[1:])
def test_any_wrong_order_of_labels_is_put_right(
    healthy: Classifier, frames: list[Pixels], reference: Scores, order: tuple[str, ...]
) -> None:
    output = replace(healthy.contract.output, labels=order)
    (cause,) = investigate(
        Classifier(replace(healthy.contract, output=output), healthy.interpreter), frames, reference, LABELS
    ).causes
    assert cause.suspect is Suspect.LABELS
    assert cause.change == "list the labels as paper, rock, scissors (--labels)"


def test_a_file_with_its_labels_in_another_right_order_is_healthy(
    models: Path, frames: list[Pixels], reference: Scores
) -> None:
    classifier = Classifier.open(models / "rps-int8.onnx")
    assert investigate(classifier, frames, reference[:, ::-1], LABELS[::-1]).causes == ()


@pytest.mark.parametrize(
    "reads",
    [
        lambda tensor: tensor.transpose(1, 0, 2),
        lambda tensor: tensor.reshape(3, 32, 32).transpose(1, 2, 0),
        lambda tensor: tensor.transpose(2, 0, 1).reshape(32, 32, 3),
    ],
)
def test_another_layout_is_named(
    healthy: Classifier, frames: list[Pixels], reference: Scores, reads: Callable[[np.ndarray], np.ndarray]
) -> None:
    broken = Classifier(healthy.contract, Wrapped(healthy, reads=reads))
    assert found(broken, frames, reference) == {Suspect.LAYOUT}


class Planes(Wrapped):
    """The same network, which takes its picture in planes, whatever the shape of them that it is given."""

    def __init__(self, classifier: Classifier, reads: Callable[[np.ndarray], np.ndarray]) -> None:
        super().__init__(classifier, lambda planes: reads(planes).transpose(1, 2, 0))
        self.input = replace(self.input, shape=(1, 3, 32, 32))
        self._tensor = np.zeros((1, 3, 32, 32), self.input.dtype)


@pytest.mark.parametrize(
    ("reads", "change"),
    [
        (lambda planes: planes, None),
        (lambda planes: planes.transpose(0, 2, 1), "exchange height and width of the picture"),
        (
            lambda planes: planes.reshape(32, 32, 3).transpose(2, 0, 1),
            "lay the picture out pixel by pixel (channels last), as the network reads it",
        ),
        (
            lambda planes: planes.transpose(1, 2, 0).reshape(3, 32, 32),
            "lay the picture out channel by channel (channels first), as the network reads it",
        ),
    ],
)
def test_another_layout_than_planes_is_named(
    healthy: Classifier,
    frames: list[Pixels],
    reference: Scores,
    reads: Callable[[np.ndarray], np.ndarray],
    change: str | None,
) -> None:
    contract = replace(healthy.contract, input=replace(healthy.contract.input, layout=Layout.NCHW))  # type: ignore[arg-type]
    candidate = Classifier(contract, Planes(healthy, reads))
    causes = investigate(candidate, frames, reference, LABELS).causes
    assert [cause.change for cause in causes] == ([] if change is None else [change])


@pytest.mark.parametrize(
    "gives",
    [
        lambda scores: scores * 256,  # never dequantized
        lambda scores: scores / 2,
        lambda scores: scores + 0.5,
        lambda scores: np.exp(scores) / np.exp(scores).sum(),  # softmax twice
        lambda scores: np.log(np.maximum(scores, 1e-4)) + 3,  # no softmax
    ],
)
def test_outputs_that_are_read_wrongly_are_named(
    models: Path, frames: list[Pixels], reference: Scores, gives: Callable[[np.ndarray], np.ndarray]
) -> None:
    healthy = Classifier.open(models / "rps-int8.onnx")
    broken = Classifier(healthy.contract, Wrapped(healthy, gives=gives))
    assert found(broken, frames, reference) == {Suspect.OUTPUT}


def test_nan_has_no_cause(models: Path, frames: list[Pixels], reference: Scores) -> None:
    healthy = Classifier.open(models / "rps-fp32.onnx")
    broken = Classifier(healthy.contract, Wrapped(healthy, gives=lambda scores: scores * np.float32(np.nan)))
    assert investigate(broken, frames[:8], reference[:8], LABELS) == Diagnosis(0.0, 8)


def test_the_scale_and_zero_point_of_an_output_are_found() -> None:
    # The tensor stores q with real = (q − 3) / 200, and the contract says q / 256.
    stored = np.random.default_rng(0).integers(3, 203, (40, 2)).astype(np.float32)
    output = ModelOutput(Activation.SIGMOID, ("a", "b", "c"), "uint8", Quantization(1 / 256, 0))
    changes = [remedy.change for remedy in remedies(stored / 256, (stored - 3) / 200, output)]
    assert "dequantize the outputs with scale 0.005 and zero point 3 (contract: output)" in changes


def test_the_two_classes_of_one_sigmoid_are_exchanged() -> None:
    scores = np.random.default_rng(0).random((40, 1), np.float32)
    reference = np.hstack([scores, 1 - scores])  # what the file gives is the score of the first label
    found = remedies(scores, reference, ModelOutput(Activation.SIGMOID, ("cat", "dog")))
    (remedy,) = [remedy for remedy in found if remedy.suspect is Suspect.LABELS]
    assert remedy.change == "list the labels as dog, cat (--labels)"
    assert np.array_equal(remedy.outputs, 1 - scores)


@pytest.mark.parametrize("seed", range(20))
def test_the_assignment_is_the_cheapest_of_all(seed: int) -> None:
    cost = np.random.default_rng(seed).integers(0, 9, (5, 5)).astype(float)
    cheapest = min(sum(cost[row, column] for row, column in enumerate(order)) for order in permutations(range(5)))
    assigned = assign(cost)
    assert sorted(assigned) == list(range(5))
    assert cost[np.arange(5), assigned].sum() == cheapest
