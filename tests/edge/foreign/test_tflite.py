"""TFLite models as TensorFlow's converter makes them: signed bytes, planes, logits, sigmoids, free sizes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgeproof.edge.classifier import Classifier

tf: Any = pytest.importorskip("tensorflow")

FRAME = np.full((30, 40, 3), (51, 102, 255), np.uint8)  # blue, green, red


def converted(path: Path, shape: tuple[Any, ...], function: Any, signed: bool = False) -> Path:
    """Convert a function of one picture; `signed` makes it a model of int8 throughout."""
    concrete = tf.function(function, input_signature=[tf.TensorSpec(shape, tf.float32)]).get_concrete_function()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete])
    if signed:
        pictures = np.random.default_rng(0).random((8, *shape), np.float32)
        pictures[0], pictures[1] = 0, 1
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: ([picture] for picture in pictures)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
    path.write_bytes(converter.convert())
    return path


@pytest.mark.filterwarnings("ignore:Statistics for quantized inputs were expected:UserWarning")
def test_model_of_signed_bytes_answers(tmp_path: Path) -> None:
    path = converted(tmp_path / "m.tflite", (1, 8, 6, 3), lambda x: tf.nn.softmax(tf.reduce_mean(x, (1, 2)) * 4), True)
    classifier = Classifier.open(path, labels="r,g,b")
    powers = np.exp(4 * np.array([1, 0.4, 0.2]))
    prediction = classifier.classify(FRAME)
    assert classifier.interpreter.input.dtype == "int8"
    assert classifier.interpreter.input_tensor()[0, 0, 0].tolist() == [127, -26, -77]
    assert prediction.scores.tolist() == pytest.approx((powers / powers.sum()).tolist(), abs=0.02)
    assert classifier.contract.output.activation.value == "softmax"


@pytest.mark.parametrize(("shape", "axes"), [((1, 3, 8, 6), (2, 3)), ((1, 8, 6, 3), (1, 2))])
def test_planes_and_logits_are_read(tmp_path: Path, shape: tuple[int, ...], axes: tuple[int, int]) -> None:
    path = converted(tmp_path / "m.tflite", shape, lambda x: tf.reduce_mean(x, axes) * 10 - 5)
    classifier = Classifier.open(path, labels=["r", "g", "b"])
    assert classifier.contract.output.activation.value == "logits"
    prediction = classifier.classify(FRAME)
    assert prediction.scores.tolist() == pytest.approx([5, -1, -3], abs=1e-4)
    assert sum(prediction.probabilities.values()) == pytest.approx(1)


def test_one_logit_is_a_sigmoids(tmp_path: Path) -> None:
    path = converted(
        tmp_path / "m.tflite", (1, 8, 6, 3), lambda x: tf.reshape(tf.reduce_mean(x[..., 0]) * 4 - 2, (1, 1))
    )
    prediction = Classifier.open(path, labels="other,red").classify(FRAME)
    assert prediction.probabilities["red"] == pytest.approx(1 / (1 + np.exp(-2)), abs=1e-5)


def test_free_size_is_given(tmp_path: Path) -> None:
    path = converted(tmp_path / "m.tflite", (1, None, None, 3), lambda x: tf.reduce_mean(x, (1, 2)))
    classifier = Classifier.open(path, labels="r,g,b", size=(12, 20))
    assert classifier.classify(FRAME).scores.tolist() == pytest.approx([1, 0.4, 0.2], abs=1e-5)
    assert classifier.interpreter.input_tensor().shape == (1, 12, 20, 3)
