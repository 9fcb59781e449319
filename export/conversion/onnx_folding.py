"""Weights put into an ONNX graph that was made without them, and what can be computed from them once and for all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator

# Operators that only move a weight's values about.
_MOVING = frozenset({"Transpose", "Reshape", "Squeeze", "Unsqueeze", "Identity"})

Array = NDArray[np.floating]


def fold(model: onnx.ModelProto, weights: Mapping[str, Array]) -> None:
    """Turn inputs of a model into constants, and fold constants into each other.

    Kernels are transposed, and a convolution takes in the factor and the addend of each channel that follow it, as
    TensorFlow and tf2onnx do where they see the weights.

    Args:
        model: its graph is changed.
        weights: values of the inputs that are no inputs any more, by name.
    """
    graph = model.graph
    folding = _Folding(graph, weights)
    folding.move()
    folding.scale()
    folding.shift()
    folding.store()
    kept = [value for value in graph.input if value.name not in weights]
    del graph.input[:]
    graph.input.extend(kept)


class _Folding:
    """A graph with its constants as arrays."""

    def __init__(self, graph: onnx.GraphProto, weights: Mapping[str, Array]) -> None:
        self._graph = graph
        self._constants: dict[str, Array] = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
        self._constants |= {value.name: weights[value.name] for value in graph.input if value.name in weights}
        self._uses = Counter(name for node in graph.node for name in node.input)
        self._uses.update(value.name for value in graph.output)

    def move(self) -> None:
        """Compute the operators that only move a constant's values about."""
        for node in list(self._graph.node):
            if node.op_type in _MOVING and all(name in self._constants for name in node.input):
                alone = onnx.NodeProto()
                alone.CopyFrom(node)  # the evaluator holds on to what it is given, and a node to its whole graph
                (moved,) = ReferenceEvaluator(alone).run(None, {name: self._constants[name] for name in node.input})
                self._constants[node.output[0]] = np.ascontiguousarray(moved)
                self._graph.node.remove(node)

    def scale(self) -> None:
        """Take the factor of each channel behind a convolution into its kernel."""
        for conv, node, factor in self._pairs("Mul"):
            channels = (-1, *[1] * (self._constants[conv.input[1]].ndim - 1))
            name = f"{conv.input[1]}*{node.output[0]}"
            self._constants[name] = self._constants[conv.input[1]] * factor.reshape(channels)
            conv.input[1] = name
            self._replace(conv, node)

    def shift(self) -> None:
        """Take the addend of each channel behind a convolution as its bias."""
        for conv, node, addend in self._pairs("Add"):
            name = f"{node.output[0]}:bias"
            self._constants[name] = addend.reshape(-1)
            conv.input.append(name)
            self._replace(conv, node)

    def store(self) -> None:
        """Write the constants that are used into the graph."""
        used = {name for node in self._graph.node for name in node.input}
        del self._graph.initializer[:]
        for name, value in self._constants.items():
            if name in used:
                self._graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(value), name))

    def _pairs(self, operator: str) -> list[tuple[onnx.NodeProto, onnx.NodeProto, Array]]:
        """List convolutions without a bias, each with the only node behind it and that node's constant per channel."""
        made = {name: node for node in self._graph.node for name in node.output}
        pairs = []
        for node in self._graph.node:
            if node.op_type != operator:
                continue
            sources = [made.get(name) for name in node.input]
            for conv, name in zip(sources, reversed(node.input), strict=True):
                if conv is None or conv.op_type != "Conv" or name not in self._constants:
                    continue
                bare = len(conv.input) == 2 and self._uses[conv.output[0]] == 1
                if bare and conv.input[1] in self._constants and self._is_per_channel(name, conv):
                    pairs.append((conv, node, self._constants[name]))
        return pairs

    def _is_per_channel(self, name: str, conv: onnx.NodeProto) -> bool:
        kernel, value = self._constants[conv.input[1]], self._constants[name]
        channels, spatial = kernel.shape[0], kernel.ndim - 2
        shape = (1,) * (kernel.ndim - value.ndim) + value.shape
        return shape == (1, channels, *[1] * spatial)

    def _replace(self, conv: onnx.NodeProto, node: onnx.NodeProto) -> None:
        """Let a convolution give what the node behind it gave."""
        conv.output[0] = node.output[0]
        self._graph.node.remove(node)
