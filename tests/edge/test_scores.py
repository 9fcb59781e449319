from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from edgeproof.edge.contract import Activation, ModelOutput, Quantization
from edgeproof.edge.quantization import dequantize
from edgeproof.edge.scores import ScoreReader, label_scores, sigmoid, softmax

SOFTMAX = ModelOutput(Activation.SOFTMAX, ("a", "b", "c"), unknown_below=0.5)
SIGMOID = ModelOutput(Activation.SIGMOID, ("cat", "dog"), unknown_below=0.75)
NAN = float("nan")


@pytest.mark.parametrize(
    ("output", "scores", "label", "score", "probabilities"),
    [
        (SOFTMAX, [0.25, 0.625, 0.125], "b", 0.625, [0.25, 0.625, 0.125]),
        (SOFTMAX, [0.5, 0.25, 0.25], "a", 0.5, [0.5, 0.25, 0.25]),  # at the threshold is not below it
        (SOFTMAX, [0.25, 0.25, 0.4375], "unknown", 0.4375, [0.25, 0.25, 0.4375]),
        (SIGMOID, [0.875], "dog", 0.875, [0.125, 0.875]),
        (SIGMOID, [0.125], "cat", 0.875, [0.875, 0.125]),
        (SIGMOID, [0.5], "unknown", 0.5, [0.5, 0.5]),
        (ModelOutput(Activation.SIGMOID, ("a", "b", "c")), [0.5, 0.75, 1.0], "c", 1.0, [0.5, 0.75, 1.0]),
        (ModelOutput(Activation.LINEAR), [-3.5], None, -3.5, []),
        (ModelOutput(Activation.LINEAR), [1.5, 2.5], None, 1.5, []),
    ],
)
def test_scores_are_read(
    output: ModelOutput, scores: list[float], label: str | None, score: float, probabilities: list[float]
) -> None:
    expected = (label, score, dict(zip(output.labels, probabilities, strict=True)))
    outputs = np.array(scores, np.float32)
    real, *answer = ScoreReader(output).read(outputs)
    assert tuple(answer) == expected
    assert np.array_equal(real, outputs)
    assert not np.shares_memory(real, outputs)  # which are the runtime's own memory


@pytest.mark.parametrize("scores", [[NAN, 0.9, 0.1], [0.9, NAN, 0.1], [NAN, NAN, NAN]])
@pytest.mark.parametrize("threshold", [0.0, 0.5])
def test_nan_is_unknown(scores: list[float], threshold: float) -> None:
    _, label, score, _ = ScoreReader(replace(SOFTMAX, unknown_below=threshold)).read(np.array(scores, np.float32))
    assert label == "unknown"
    assert np.isnan(score)


def test_nan_of_one_sigmoid_unit_is_unknown() -> None:
    assert ScoreReader(replace(SIGMOID, unknown_below=0.0)).read(np.array([NAN], np.float32))[1] == "unknown"


def test_label_scores_of_many_samples() -> None:
    scores = np.array([[0.25], [1.0]], np.float32)
    assert label_scores(scores, SIGMOID).tolist() == [[0.75, 0.25], [0.0, 1.0]]
    many = np.array([[0.25, 0.5, 0.25]], np.float32)
    assert label_scores(many, SOFTMAX).tolist() == many.tolist()


# Logits


def test_logits_become_probabilities() -> None:
    output = ModelOutput(Activation.LOGITS, ("a", "b", "c"))
    scores, label, score, probabilities = ScoreReader(output).read(np.array([1.0, 3.0, 1000.0], np.float32))
    assert (label, score, list(probabilities.values())) == ("c", 1.0, [0.0, 0.0, 1.0])
    assert scores.tolist() == [1.0, 3.0, 1000.0]
    _, _, _, probabilities = ScoreReader(output).read(np.log(np.array([0.2, 0.5, 0.3], np.float32)))
    assert list(probabilities.values()) == pytest.approx([0.2, 0.5, 0.3], abs=1e-6)


@pytest.mark.parametrize(("logit", "second"), [(0.0, 0.5), (np.log(3.0), 0.75), (-1000.0, 0.0), (1000.0, 1.0)])
def test_a_single_logit_is_the_second_label_s(logit: float, second: float) -> None:
    output = ModelOutput(Activation.SIGMOID_LOGITS, ("cat", "dog"))
    _, _, _, probabilities = ScoreReader(output).read(np.array([logit], np.float32))
    assert list(probabilities.values()) == pytest.approx([1 - second, second], abs=1e-6)


def test_logits_of_many_samples_are_each_their_own() -> None:
    # However far apart they are: exp(−1000) is no float32.
    logits = np.log(np.array([[0.2, 0.5, 0.3], [0.6, 0.3, 0.1]], np.float32)) + np.array([[0], [1000]], np.float32)
    assert softmax(logits) == pytest.approx(np.array([[0.2, 0.5, 0.3], [0.6, 0.3, 0.1]]), abs=1e-4)


def test_probabilities_are_float32() -> None:
    logits = np.array([[0.5, -0.5]], np.float32)
    assert softmax(logits).dtype == np.float32
    assert sigmoid(logits).dtype == np.float32


# Bytes


@pytest.mark.parametrize("activation", [Activation.SOFTMAX, Activation.LOGITS])
def test_outputs_of_bytes_are_float32(activation: Activation) -> None:
    output = ModelOutput(activation, ("a", "b", "c"), "uint8", Quantization(1 / 256, 0))
    assert ScoreReader(output).read(np.array([1, 2, 3], np.uint8))[0].dtype == np.float32


@pytest.mark.parametrize("dtype", ["uint8", "int8"])
@pytest.mark.parametrize(
    ("activation", "labels", "units"),
    [
        (Activation.SOFTMAX, ("a", "b", "c"), 3),
        (Activation.SIGMOID, ("a", "b"), 1),
        (Activation.SIGMOID_LOGITS, ("a", "b"), 1),
        (Activation.SIGMOID_LOGITS, ("a", "b", "c"), 3),
        (Activation.LOGITS, ("a", "b", "c"), 3),
        (Activation.LINEAR, (), 1),
    ],
)
def test_every_byte_is_read_as_it_would_be_dequantized(
    dtype: str, activation: Activation, labels: tuple[str, ...], units: int
) -> None:
    quantization = Quantization(1 / 200, 3)
    output = ModelOutput(activation, labels, dtype, quantization)
    reader = ScoreReader(output)
    for byte in range(256):
        stored = np.full(units, 128, np.uint8).view(dtype)
        stored[-1] = np.uint8(byte).view(dtype)
        scores, _, score, probabilities = reader.read(stored)
        real = dequantize(stored, quantization)
        assert np.array_equal(scores, real)
        if activation is Activation.LINEAR:
            assert score == real[0]
        else:
            expected = label_scores(real, output)
            assert list(probabilities.values()) == expected.tolist()
            assert score == expected.max()
