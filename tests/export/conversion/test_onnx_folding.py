"""Graphs made by hand: folded, they answer as they did while their weights were fed to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import networks
from edgeproof.export.conversion.onnx_folding import fold

RNG = np.random.default_rng(3)
IMAGE = (1, 4, 6, 6)
CHANNELS = 8


def values(*shape: int) -> np.ndarray:
    return RNG.normal(0, 1, shape).astype(np.float32)


@dataclass(frozen=True)
class Graph:
    """Nodes between `x` and the outputs; `weights` are inputs that become constants, `constants` are some already."""

    nodes: Sequence[onnx.NodeProto]
    weights: dict[str, np.ndarray]
    constants: dict[str, np.ndarray]
    outputs: Sequence[str] = ("y",)
    rank: int = 4  # of the outputs

    def model(self) -> onnx.ModelProto:
        inputs = {"x": IMAGE, **{name: value.shape for name, value in self.weights.items()}}
        graph = helper.make_graph(
            list(self.nodes),
            "graph",
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in inputs.items()],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None] * self.rank) for name in self.outputs],
            [numpy_helper.from_array(value, name) for name, value in self.constants.items()],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(model)
        return model

    def folded(self) -> onnx.ModelProto:
        """Fold, and see that nothing but the form has changed."""
        fed = {"x": values(*IMAGE), **self.weights}
        expected = networks.run_onnx(self.model(), fed)
        model = self.model()
        fold(model, self.weights)
        onnx.checker.check_model(model, full_check=True)
        assert [value.name for value in model.graph.input] == ["x"]
        answers = networks.run_onnx(model, {"x": fed["x"]})
        assert len(answers) == len(self.outputs)
        for ours, theirs in zip(answers, expected, strict=True):
            assert np.allclose(ours, theirs, rtol=1e-5, atol=1e-5)
        return model


def kinds(model: onnx.ModelProto) -> list[str]:
    return [node.op_type for node in model.graph.node]


def constants(model: onnx.ModelProto) -> dict[str, np.ndarray]:
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}


def node(kind: str, inputs: Sequence[str], output: str, **facts: object) -> onnx.NodeProto:
    return helper.make_node(kind, list(inputs), [output], name=output, **facts)


def behind_conv(kind: str, constant: np.ndarray, *, swapped: bool = False) -> Graph:
    """A convolution and one operator with a constant behind it."""
    inputs = ["c", "k"] if swapped else ["k", "c"]
    nodes = [node("Conv", ["x", "w"], "c"), node(kind, inputs, "y")]
    return Graph(nodes, {"w": values(CHANNELS, 4, 3, 3)}, {"k": constant}, rank=max(4, constant.ndim))


def test_a_kernel_is_brought_to_its_order_and_shape() -> None:
    kernel = values(3, 3, 4, CHANNELS)  # as TensorFlow keeps it
    nodes = [node("Transpose", ["w"], "t", perm=[3, 2, 0, 1]), node("Conv", ["x", "t"], "y")]
    model = Graph(nodes, {"w": kernel}, {}).folded()
    assert kinds(model) == ["Conv"]
    assert np.array_equal(constants(model)["t"], kernel.transpose(3, 2, 0, 1))


def test_a_kernel_is_moved_step_by_step() -> None:
    kernel = values(3, 3, CHANNELS * 4)
    nodes = [
        node("Reshape", ["w", "shape"], "r"),
        node("Transpose", ["r"], "t", perm=[3, 2, 0, 1]),
        node("Identity", ["t"], "i"),
        node("Conv", ["x", "i"], "y"),
    ]
    model = Graph(nodes, {"w": kernel}, {"shape": np.array([3, 3, 4, CHANNELS])}).folded()
    assert kinds(model) == ["Conv"]
    assert list(constants(model)) == ["i"]  # nothing of the steps between is kept
    assert np.array_equal(constants(model)["i"], kernel.reshape(3, 3, 4, CHANNELS).transpose(3, 2, 0, 1))


def test_activations_are_not_moved() -> None:
    nodes = [node("Transpose", ["x"], "t", perm=[0, 2, 3, 1]), node("MatMul", ["t", "w"], "y")]
    assert kinds(Graph(nodes, {"w": values(4, 3)}, {}).folded()) == ["Transpose", "MatMul"]


def test_a_constant_that_two_read_is_moved_for_both() -> None:
    nodes = [
        node("Transpose", ["w"], "t", perm=[1, 0]),
        node("MatMul", ["x", "w"], "a"),
        node("MatMul", ["a", "t"], "y"),
    ]
    weight = values(6, 6)
    model = Graph(nodes, {"w": weight}, {}).folded()
    assert kinds(model) == ["MatMul", "MatMul"]
    assert np.array_equal(constants(model)["w"], weight)
    assert np.array_equal(constants(model)["t"], weight.T)


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("shape", [(1, CHANNELS, 1, 1), (CHANNELS, 1, 1)])
def test_a_factor_of_each_channel_goes_into_the_kernel(shape: tuple[int, ...], swapped: bool) -> None:
    factor = values(*shape)
    graph = behind_conv("Mul", factor, swapped=swapped)
    model = graph.folded()
    assert kinds(model) == ["Conv"]
    assert model.graph.node[0].output[0] == "y"
    assert np.array_equal(
        constants(model)[model.graph.node[0].input[1]], graph.weights["w"] * factor.reshape(-1, 1, 1, 1)
    )


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("shape", [(1, CHANNELS, 1, 1), (CHANNELS, 1, 1)])
def test_an_addend_of_each_channel_becomes_the_bias(shape: tuple[int, ...], swapped: bool) -> None:
    addend = values(*shape)
    model = behind_conv("Add", addend, swapped=swapped).folded()
    assert kinds(model) == ["Conv"]
    assert np.array_equal(constants(model)[model.graph.node[0].input[2]], addend.reshape(-1))


@pytest.mark.parametrize("kind", ["Mul", "Add"])
@pytest.mark.parametrize(
    "shape", [(1, 1, 1, 1), (), (4,), (1, 1, 1, 4), (1, 1, 4, 1), (1, CHANNELS, 4, 4), (1, 1, CHANNELS, 1, 1)]
)
def test_other_constants_stay_where_they_are(kind: str, shape: tuple[int, ...]) -> None:
    assert kinds(behind_conv(kind, values(*shape)).folded()) == ["Conv", kind]


def test_a_normalization_is_taken_in_whole() -> None:
    graph = Graph(
        [node("Conv", ["x", "w"], "c"), node("Mul", ["c", "scale"], "m"), node("Add", ["m", "shift"], "y")],
        {"w": values(CHANNELS, 4, 3, 3)},
        {"scale": values(1, CHANNELS, 1, 1), "shift": values(1, CHANNELS, 1, 1)},
    )
    model = graph.folded()
    assert kinds(model) == ["Conv"]
    assert len(model.graph.node[0].input) == 3
    assert len(constants(model)) == 2


def test_each_channel_of_a_depthwise_convolution_has_its_factor() -> None:
    kernel, scale, shift = values(4, 1, 3, 3), values(1, 4, 1, 1), values(1, 4, 1, 1)
    nodes = [
        node("Conv", ["x", "w"], "c", group=4),
        node("Mul", ["c", "scale"], "m"),
        node("Add", ["shift", "m"], "y"),
    ]
    model = Graph(nodes, {"w": kernel}, {"scale": scale, "shift": shift}).folded()
    assert kinds(model) == ["Conv"]
    assert np.array_equal(constants(model)[model.graph.node[0].input[1]], kernel * scale.reshape(-1, 1, 1, 1))


@pytest.mark.parametrize("kind", ["Mul", "Add"])
def test_a_convolution_that_two_read_stays(kind: str) -> None:
    nodes = [node("Conv", ["x", "w"], "c"), node(kind, ["c", "k"], "m"), node("Sub", ["m", "c"], "y")]
    graph = Graph(nodes, {"w": values(CHANNELS, 4, 3, 3)}, {"k": values(1, CHANNELS, 1, 1)})
    assert kinds(graph.folded()) == ["Conv", kind, "Sub"]


@pytest.mark.parametrize("kind", ["Mul", "Add"])
def test_a_convolution_that_is_given_out_stays(kind: str) -> None:
    nodes = [node("Conv", ["x", "w"], "c"), node(kind, ["c", "k"], "y")]
    graph = Graph(nodes, {"w": values(CHANNELS, 4, 3, 3)}, {"k": values(1, CHANNELS, 1, 1)}, ("y", "c"))
    assert kinds(graph.folded()) == ["Conv", kind]


@pytest.mark.parametrize("kind", ["Mul", "Add"])
def test_a_convolution_with_a_bias_stays(kind: str) -> None:
    nodes = [node("Conv", ["x", "w", "b"], "c"), node(kind, ["c", "k"], "y")]
    graph = Graph(nodes, {"w": values(CHANNELS, 4, 3, 3)}, {"k": values(1, CHANNELS, 1, 1), "b": values(CHANNELS)})
    assert kinds(graph.folded()) == ["Conv", kind]


def test_an_addend_before_a_factor_is_not_taken_for_one_behind_it() -> None:
    nodes = [node("Conv", ["x", "w"], "c"), node("Add", ["c", "shift"], "a"), node("Mul", ["a", "scale"], "y")]
    shifts = {"scale": values(1, CHANNELS, 1, 1), "shift": values(1, CHANNELS, 1, 1)}
    model = Graph(nodes, {"w": values(CHANNELS, 4, 3, 3)}, shifts).folded()
    assert kinds(model) == ["Conv", "Mul"]


def test_a_kernel_that_two_convolutions_read_is_scaled_for_one_only() -> None:
    nodes = [
        node("Conv", ["x", "w"], "a"),
        node("Conv", ["x", "w"], "b"),
        node("Mul", ["a", "k"], "m"),
        node("Sub", ["m", "b"], "y"),
    ]
    model = Graph(nodes, {"w": values(CHANNELS, 4, 3, 3)}, {"k": values(1, CHANNELS, 1, 1)}).folded()
    assert kinds(model) == ["Conv", "Conv", "Sub"]


def test_weights_that_nothing_reads_are_dropped() -> None:
    nodes = [node("Conv", ["x", "w"], "y")]
    model = Graph(nodes, {"w": values(CHANNELS, 4, 3, 3), "unread": values(3, 3)}, {}).folded()
    assert list(constants(model)) == ["w"]
