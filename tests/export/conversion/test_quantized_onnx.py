"""Integer ONNX in which some layers stay in floats."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnx
import pytest

import networks
from edgeproof.edge.contract import Format, Precision
from edgeproof.export.conversion.origin import Origin
from edgeproof.export.layers.noise import LayerComparison, noisiest
from edgeproof.export.layers.onnx import compare_onnx
from edgeproof.export.network import Network

Build = Callable[[str], Network]
KERNELS = {"Conv", "MatMul"}


@pytest.fixture(scope="module")
def residual(build: Build) -> Origin:
    return Origin(build("residual"), networks.calibration(build("residual")))


@pytest.fixture(scope="module")
def layers(build: Build, residual: Origin) -> tuple[LayerComparison, ...]:
    floats, integers = (residual.convert(Format.ONNX, p) for p in (Precision.FLOAT32, Precision.INT8))
    return compare_onnx(floats, integers, networks.calibration(build("residual")).some(4))


def of_floats(graph: onnx.GraphProto) -> set[str]:
    """Name the nodes that take their kernel, or else their first input, as it is: not from integers."""
    made = {name: node.op_type for node in graph.node for name in node.output}
    return {
        node.name for node in graph.node if node.op_type in KERNELS and made.get(node.input[1]) != "DequantizeLinear"
    }


@pytest.mark.parametrize("count", [0, 1, 2])
def test_the_layers_that_are_named_compute_in_floats_and_no_others(
    build: Build, residual: Origin, layers: tuple[LayerComparison, ...], count: int
) -> None:
    kinds = {node.name: node.op_type for node in onnx.load_from_string(residual.float_model(Format.ONNX)).graph.node}
    chosen = [name for name in noisiest(layers, len(layers)) if kinds[name] in KERNELS][:count]
    model = residual.convert(Format.ONNX, Precision.INT8, chosen)
    graph = onnx.load_from_string(model).graph
    assert of_floats(graph) == set(chosen)
    assert graph.input[0].type.tensor_type.elem_type == onnx.TensorProto.UINT8
    network = build("residual")
    answers = networks.by_onnx(model, networks.pictures(network))
    assert np.allclose(answers, network.predict(networks.pictures(network)), atol=0.03)


def test_pixels_go_in_as_they_are_even_where_every_layer_stays_in_floats(
    build: Build, residual: Origin, layers: tuple[LayerComparison, ...]
) -> None:
    network = build("residual")
    model = residual.convert(Format.ONNX, Precision.INT8, [layer.name for layer in layers])
    graph = onnx.load_from_string(model).graph
    assert graph.input[0].type.tensor_type.elem_type == onnx.TensorProto.UINT8
    assert len(of_floats(graph)) == 3
    answers = networks.by_onnx(model, networks.pictures(network))
    assert np.allclose(answers, network.predict(networks.pictures(network)), atol=1e-5)
