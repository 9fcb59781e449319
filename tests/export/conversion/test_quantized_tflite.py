"""Integer flatbuffers against those of TFLiteConverter, which converts the network anew for each."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pytest
import tensorflow as tf

import networks
from edgeproof.edge.contract import Format, Precision
from edgeproof.edge.errors import InputError
from edgeproof.export.conversion.flatbuffer import float_operators, operations
from edgeproof.export.conversion.origin import Origin
from edgeproof.export.layers.noise import noisiest
from edgeproof.export.layers.tflite import compare_tflite
from edgeproof.export.network import Network, freeze

Build = Callable[[str], Network]
NAMES = ["convolutions", "separable", "residual", "two readers", "dense, relu", "dense, normalized"]


def plain(network: Network, precision: Precision) -> bytes:
    converter = tf.lite.TFLiteConverter.from_concrete_functions([freeze(network, networks.spec_of(network))])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([sample] for sample in networks.calibration(network))
    if precision is Precision.INT8:
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.uint8
    else:
        kinds = tf.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
        converter.target_spec.supported_ops = [kinds]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Statistics for quantized inputs", UserWarning)
        return converter.convert()


def facts(model: bytes) -> list[tuple[object, ...]]:
    interpreter = networks.open_tflite(model)
    ends = [*interpreter.get_input_details(), *interpreter.get_output_details()]
    return [(end["dtype"], end["quantization"], tuple(end["shape"])) for end in ends]


def origin(network: Network) -> Origin:
    return Origin(network, networks.calibration(network))


@pytest.fixture(scope="module")
def residual(build: Build) -> Origin:
    return origin(build("residual"))


@pytest.mark.parametrize("name", NAMES)
def test_both_integer_forms_are_bit_for_bit_the_converters_in_any_order(build: Build, name: str) -> None:
    network = build(name)
    expected = {precision: plain(network, precision) for precision in (Precision.INT8, Precision.INT16X8)}
    samples = {Precision.INT8: networks.pictures(network), Precision.INT16X8: networks.floats(network)}
    for order in ([Precision.INT8, Precision.INT16X8, Precision.INT8], [Precision.INT16X8, Precision.INT8]):
        source = origin(network)
        for precision in order:
            model = source.convert(Format.TFLITE, precision)
            answers = networks.by_tflite(model, samples[precision])
            assert np.array_equal(answers, networks.by_tflite(expected[precision], samples[precision]))
            assert facts(model) == facts(expected[precision])
    assert facts(expected[Precision.INT8])[0][:2] == (np.uint8, (pytest.approx(1 / 255), 0))


def test_a_layer_without_a_kernel_of_integers_is_named(build: Build) -> None:
    for precision in (Precision.INT8, Precision.INT16X8):
        with pytest.raises(InputError, match=r"expected layers that have integer kernels, received .*ELU.*--dynamic"):
            origin(build("without integers")).convert(Format.TFLITE, precision)


def test_a_layer_without_a_kernel_of_integers_may_stay_in_floats(build: Build) -> None:
    network = build("without integers")
    source = origin(network)
    interpreter = networks.open_tflite(source.float_model(Format.TFLITE))
    names = {detail["index"]: detail["name"] for detail in interpreter.get_tensor_details()}
    (elu,) = [op["outputs"][0] for op in interpreter._get_ops_details() if op["op_name"] == "ELU"]
    model = source.convert(Format.TFLITE, Precision.INT8, [names[elu]])
    assert set(float_operators(model)) == {"DEQUANTIZE", "ELU"}
    answers = networks.by_tflite(model, networks.pictures(network)) / 256
    assert np.allclose(answers, network.predict(networks.pictures(network)), atol=0.03)


def test_a_recurrent_network_is_refused_before_the_calibrator_crashes(build: Build) -> None:
    source = origin(build("recurrent"))
    for precision in (Precision.INT8, Precision.INT16X8):
        with pytest.raises(InputError, match="expected layers without loops, received a recurrent one"):
            source.convert(Format.TFLITE, precision)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_noisiest_layers_compute_in_floats_and_no_others(build: Build, residual: Origin, count: int) -> None:
    network = build("residual")
    floats, integers = (residual.convert(Format.TFLITE, p) for p in (Precision.FLOAT32, Precision.INT8))
    layers = compare_tflite(floats, integers, residual_samples(network))
    chosen = noisiest(layers, count)
    assert len(chosen) == count
    model = residual.convert(Format.TFLITE, Precision.INT8, chosen)
    interpreter = networks.open_tflite(model)
    tensors = {detail["index"]: detail for detail in interpreter.get_tensor_details()}
    made = {
        tensors[index]["name"]: tensors[index]["dtype"]
        for op in interpreter._get_ops_details()
        for index in op["outputs"]
        if op["op_name"] not in {"QUANTIZE", "DEQUANTIZE"}
    }
    assert {name for name, dtype in made.items() if dtype is np.float32} == set(chosen)
    assert {dtype for name, dtype in made.items() if name not in chosen} == {np.int8}
    assert facts(model)[0][:2] == (np.uint8, (pytest.approx(1 / 255), 0))
    answers = networks.by_tflite(model, networks.pictures(network)) / 256
    assert np.allclose(answers, network.predict(networks.pictures(network)), atol=0.03)


def test_what_lies_between_layers_in_floats_does_not_round(build: Build) -> None:
    source = origin(build("depthwise"))
    found = list(operations(source.float_model(Format.TFLITE)))
    kinds = [operation.operator for operation in found]
    assert kinds == ["CONV_2D", "DEPTHWISE_CONV_2D", "MAX_POOL_2D", "RESHAPE", "FULLY_CONNECTED", "SOFTMAX"]
    outputs = [operation.outputs[0] for operation in found]
    model = source.convert(Format.TFLITE, Precision.INT8, [outputs[1], outputs[4]])
    # At either end, uint8 becomes int8 and back.
    assert [operation.operator for operation in operations(model)] == [
        *("QUANTIZE", "CONV_2D", "DEQUANTIZE", *kinds[1:5], "QUANTIZE", "SOFTMAX", "QUANTIZE")
    ]
    # Behind a layer of integers they stay integers.
    model = source.convert(Format.TFLITE, Precision.INT8, [outputs[4]])
    assert [operation.operator for operation in operations(model)] == [
        *("QUANTIZE", *kinds[:4], "DEQUANTIZE", "FULLY_CONNECTED", "QUANTIZE", "SOFTMAX", "QUANTIZE")
    ]


@pytest.mark.parametrize("first", [True, False])
def test_layers_that_stay_in_floats_lose_their_noise(build: Build, residual: Origin, first: bool) -> None:
    samples = residual_samples(build("residual"))
    floats, integers = (residual.convert(Format.TFLITE, p) for p in (Precision.FLOAT32, Precision.INT8))
    before = compare_tflite(floats, integers, samples)
    name = before[0].name if first else noisiest(before, 1)[0]
    after = compare_tflite(floats, residual.convert(Format.TFLITE, Precision.INT8, [name]), samples)
    noise = [{layer.name: layer.added for layer in layers}[name] for layers in (before, after)]
    assert noise[0] > 0
    assert noise[1] < noise[0]


def residual_samples(network: Network) -> list[np.ndarray]:
    return networks.calibration(network).some(4)
