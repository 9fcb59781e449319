"""Float32 ONNX against that of tf2onnx, which is shown every weight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import onnx
import pytest
import tensorflow as tf
import tf2onnx

import networks
from edgeproof.edge.contract import ImageInput
from edgeproof.edge.errors import InputError
from edgeproof.export.conversion.float_onnx import OPSET, float_onnx
from edgeproof.export.network import Network, of_keras, open_network

Build = Callable[[str], Network]


def plain(network: Network) -> bytes:
    spec = networks.spec_of(network)
    signature = [tf.TensorSpec((1, *spec.shape), tf.float32, "input")]
    model, _ = tf2onnx.convert.from_function(network.as_function(spec), input_signature=signature, opset=OPSET)
    return model.SerializeToString()


def kinds(model: bytes) -> Counter[str]:
    return Counter(node.op_type for node in onnx.load_from_string(model).graph.node)


@pytest.mark.parametrize("name", networks.NETWORKS)
def test_the_file_answers_bit_for_bit_as_tf2onnx_own(build: Build, name: str) -> None:
    network = build(name)
    model, expected = float_onnx(network, networks.spec_of(network)), plain(network)
    samples = networks.floats(network)
    answers = networks.by_onnx(model, samples)
    assert np.array_equal(answers, networks.by_onnx(expected, samples))
    assert np.ptp(answers, axis=0).max() > 1e-4  # it sees the pictures
    assert np.allclose(answers, network.predict(networks.pictures(network)), atol=1e-5)
    assert not kinds(model) - kinds(expected)  # nothing is left to be computed that was computed before


@pytest.mark.parametrize("name", networks.NETWORKS)
def test_the_file_takes_an_input_and_gives_scores(build: Build, name: str) -> None:
    network = build(name)
    model = float_onnx(network, networks.spec_of(network))
    onnx.checker.check_model(model, full_check=True)
    graph = onnx.load_from_string(model).graph
    assert [value.name for value in graph.input] == ["input"]
    assert [value.name for value in graph.output] == ["scores"]
    assert [size.dim_value for size in graph.input[0].type.tensor_type.shape.dim] == [1, 8, 8, 3]
    used = {name for node in graph.node for name in node.input}
    assert {tensor.name for tensor in graph.initializer} <= used


def test_a_network_that_is_no_keras_network_is_shown_whole(build: Build, tmp_path: Path) -> None:
    source = build("convolutions").source
    source.export(str(tmp_path / "saved"), verbose=False)
    network = open_network(tmp_path / "saved").bound(ImageInput(height=8, width=8, channels=3))
    assert network.variables == ()
    samples = networks.floats(network)
    answers = networks.by_onnx(float_onnx(network, networks.spec_of(network)), samples)
    assert np.array_equal(answers, networks.by_onnx(plain(network), samples))
    assert np.allclose(answers, np.asarray(source(samples)), atol=1e-6)


def test_an_operator_that_onnx_lacks_is_named_with_its_layer(capfd: pytest.CaptureFixture[str]) -> None:
    inputs = keras.Input((8, 8, 3))
    flat = keras.layers.Flatten()(inputs)
    network = of_keras(keras.Model(inputs, keras.layers.Dense(3, activation="gelu", name="last")(flat)))
    with pytest.raises(InputError, match=r"expected operators that ONNX has, received Erfc \(.*last.*\); replace"):
        float_onnx(network, networks.spec_of(network))
    assert "Erfc" not in capfd.readouterr().err  # tf2onnx would say it too


def test_more_weights_than_a_message_holds_are_refused(build: Build) -> None:
    network = replace(build("convolutions"), parameters=2**29)
    with pytest.raises(InputError, match="expected at most 536870911 weights, received 536870912"):
        float_onnx(network, networks.spec_of(network))
