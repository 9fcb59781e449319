"""Float16 and dynamic range by litert-quantizer against TFLiteConverter's, which converts the network anew."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert import schema_py_generated as schema

import networks
from edgeproof.edge.contract import Format, Precision
from edgeproof.export.conversion.flatbuffer import operators, with_entry
from edgeproof.export.conversion.origin import Origin
from edgeproof.export.conversion.reduced_tflite import reduced_tflite
from edgeproof.export.network import Network, freeze

Build = Callable[[str], Network]
NAMES = ["convolutions", "depthwise", "residual", "dense, alike"]
REDUCED = [Precision.FLOAT16, Precision.DYNAMIC]
# Of a probability. Dynamic range quantizes some kernels that the converter leaves as they are, the smallest ones.
BOUNDS = {Precision.FLOAT16: 3e-4, Precision.DYNAMIC: 6e-3}
TYPES = {Precision.FLOAT16: schema.TensorType.FLOAT16, Precision.DYNAMIC: schema.TensorType.INT8}
BYTES = {Precision.FLOAT16: 2, Precision.DYNAMIC: 1}  # of a weight


def plain(network: Network, precision: Precision) -> bytes:
    converter = tf.lite.TFLiteConverter.from_concrete_functions([freeze(network, networks.spec_of(network))])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if precision is Precision.FLOAT16:
        converter.target_spec.supported_types = [tf.float16]
    return converter.convert()


def made(network: Network, precision: Precision) -> bytes:
    return Origin(network, networks.calibration(network)).convert(Format.TFLITE, precision)


@pytest.mark.parametrize("precision", REDUCED)
@pytest.mark.parametrize("name", NAMES)
def test_answers_are_near_the_converters_and_the_networks(build: Build, name: str, precision: Precision) -> None:
    network = build(name)
    answers = networks.by_tflite(made(network, precision), networks.floats(network))
    assert answers.dtype == np.float32
    expected = networks.by_tflite(plain(network, precision), networks.floats(network))
    assert np.abs(answers - expected).max() < BOUNDS[precision]
    assert np.abs(answers - network.predict(networks.pictures(network))).max() < BOUNDS[precision]


@pytest.mark.parametrize("precision", REDUCED)
@pytest.mark.parametrize("name", NAMES)
def test_kernels_have_the_dtype_of_their_precision(build: Build, name: str, precision: Precision) -> None:
    model = schema.Model.GetRootAs(made(build(name), precision), 0)
    graph = model.Subgraphs(0)
    tensors = [graph.Tensors(place) for place in range(graph.TensorsLength())]
    # All that hold values and are kernels by their shape.
    kernels = [tensor for tensor in tensors if tensor.ShapeLength() >= 2 and holds(model.Buffers(tensor.Buffer()))]
    assert kernels
    assert {kernel.Type() for kernel in kernels} == {TYPES[precision]}


@pytest.mark.parametrize("precision", REDUCED)
def test_a_finished_file_has_its_weights_where_old_runtimes_look(build: Build, precision: Precision) -> None:
    network = build("dense, alike")
    model = made(network, precision)
    root = schema.Model.GetRootAs(model, 0)
    assert any(root.Buffers(place).Offset() > 1 for place in range(root.BuffersLength()))  # litert-quantizer's way
    finished = with_entry(model, "mine", b"x")
    unpacked = schema.ModelT.InitFromPackedBuf(finished, 0)
    assert [buffer.offset for buffer in unpacked.buffers] == [0] * len(unpacked.buffers)
    largest = max(len(buffer.data) for buffer in unpacked.buffers if buffer.data is not None)
    assert largest == 512 * 512 * BYTES[precision]
    assert operators(finished) == operators(model)
    samples = networks.floats(network)
    assert np.array_equal(networks.by_tflite(finished, samples), networks.by_tflite(model, samples))


def test_nothing_is_printed(build: Build, capfd: pytest.CaptureFixture[str]) -> None:
    network = build("convolutions")
    floats = made(network, Precision.FLOAT32)
    capfd.readouterr()
    for precision in REDUCED:
        reduced_tflite(floats, precision)
    assert capfd.readouterr() == ("", "")


def test_other_precisions_are_none_of_its(build: Build) -> None:
    network = build("convolutions")
    with pytest.raises(ValueError, match="expected float16 or dynamic, received int8"):
        reduced_tflite(made(network, Precision.FLOAT32), Precision.INT8)


def holds(buffer: schema.Buffer) -> bool:
    return buffer.DataLength() > 0 or buffer.Offset() > 1
