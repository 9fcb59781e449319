"""Float32 flatbuffers against those of TFLiteConverter, which is shown every weight."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

import networks
from edgeproof.edge.contract import ImageInput
from edgeproof.edge.errors import InputError
from edgeproof.export.conversion import float_tflite as module
from edgeproof.export.conversion.flatbuffer import operators
from edgeproof.export.conversion.float_tflite import float_tflite
from edgeproof.export.conversion.tracing import values_of
from edgeproof.export.network import Network, freeze, of_keras, open_network

Build = Callable[[str], Network]
# Their kernels get a factor from the layer behind them, with which the converter has to compute.
COMPUTED = {"dense, normalized", "dense, scaled"}


def plain(network: Network) -> bytes:
    function = freeze(network, networks.spec_of(network))
    return tf.lite.TFLiteConverter.from_concrete_functions([function]).convert()


@pytest.mark.parametrize("name", networks.NETWORKS)
def test_the_file_answers_bit_for_bit_as_the_converters_own(build: Build, name: str) -> None:
    network = build(name)
    model, expected = float_tflite(network, networks.spec_of(network)), plain(network)
    samples = networks.floats(network)
    answers = networks.by_tflite(model, samples)
    assert np.array_equal(answers, networks.by_tflite(expected, samples))
    assert np.ptp(answers, axis=0).max() > 1e-4  # it sees the pictures
    assert np.allclose(answers, network.predict(networks.pictures(network)), atol=1e-5)
    assert set(operators(model)) == set(operators(expected))


@pytest.mark.parametrize("name", networks.NETWORKS)
def test_the_converter_is_spared_kernels_unless_it_computes_with_them(build: Build, name: str) -> None:
    network = build(name)
    assert (module._lean(network, networks.spec_of(network)) is None) is (name in COMPUTED)


@pytest.mark.parametrize(
    ("name", "spared"),
    [
        ("dense, relu", 1),
        ("dense, alike", 2),
        ("dense, shared", 0),
        ("dense, transposed", 0),
        ("dense, backwards", 0),
        ("dense, on places", 1),
    ],
)
def test_only_kernels_that_one_product_reads_as_they_lie_have_stand_ins(
    build: Build, name: str, spared: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = []
    convert = module._convert

    def watched(function: object) -> bytes:
        constants = [op.get_attr("value") for op in function.graph.get_operations() if op.type == "Const"]
        given.extend(value for value in constants if tf.TensorShape(value.tensor_shape).num_elements() >= 2**18)
        return convert(function)

    monkeypatch.setattr(module, "_convert", watched)
    network = build(name)
    module._lean(network, networks.spec_of(network))
    assert sum(value.ByteSize() < 100 for value in given) == spared
    assert len(given) > 0


def test_a_network_that_is_no_keras_network_is_shown_whole(build: Build, tmp_path: Path) -> None:
    source = build("dense, relu").source
    source.export(str(tmp_path / "saved"), verbose=False)
    network = open_network(tmp_path / "saved").bound(ImageInput(height=8, width=8, channels=3))
    assert network.variables == ()
    samples = networks.floats(network)
    answers = networks.by_tflite(float_tflite(network, networks.spec_of(network)), samples)
    assert np.array_equal(answers, networks.by_tflite(plain(network), samples))
    assert np.allclose(answers, np.asarray(source(samples)), atol=1e-6)


def test_more_weights_than_a_flatbuffer_holds_are_refused(build: Build) -> None:
    network = replace(build("convolutions"), parameters=2**29)
    with pytest.raises(InputError, match="expected at most 536870911 weights, received 536870912"):
        float_tflite(network, networks.spec_of(network))


def test_weights_that_numpy_has_no_dtype_for_are_read_all_the_same() -> None:
    inputs = keras.Input((8, 8, 3))
    flat = keras.layers.Flatten()(inputs)
    network = of_keras(keras.Model(inputs, keras.layers.Dense(3, dtype="bfloat16")(flat)))
    with pytest.raises(InputError, match="expected a network of TFLite builtin operators, received one"):
        float_tflite(network, networks.spec_of(network))
    assert [value.astype(np.float32).sum() for value in values_of(network)] == [
        pytest.approx(float(np.sum(np.asarray(weight, np.float32)))) for weight in network.source.get_weights()
    ]
