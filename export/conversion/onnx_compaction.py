"""A quantized ONNX graph without what says nothing: long names of what the quantizer put in, and zero points of 0.

In a network of a megabyte these weigh as much as the contract.
"""

from __future__ import annotations

import onnx

_INSERTED = frozenset({"QuantizeLinear", "DequantizeLinear"})


def compact(graph: onnx.GraphProto) -> None:
    """Shorten a graph; what is not the quantizer's own, layers and their activations, keeps its name."""
    _drop_zero_points(graph)
    given = {value.name for value in (*graph.input, *graph.output)}
    names: dict[str, str] = {}
    for index, node in enumerate(graph.node):
        if node.op_type in _INSERTED:
            node.name = f"q{index}"
            for place, name in zip(("s", "z"), node.input[1:], strict=False):
                names.setdefault(name, f"{place}{index}")
            names.setdefault(node.output[0], f"q{index}")
    names = {old: new for old, new in names.items() if old not in given}
    for node in graph.node:
        for tensors in (node.input, node.output):
            for index, name in enumerate(tensors):
                tensors[index] = names.get(name, name)
    for tensor in graph.initializer:
        tensor.name = names.get(tensor.name, tensor.name)


def _drop_zero_points(graph: onnx.GraphProto) -> None:
    """Drop zero points of int32, which are always 0 and which an operator may go without.

    Those of 8 bits stay: onnxruntime computes with integers only where it sees them.
    """
    wide = {tensor.name for tensor in graph.initializer if tensor.data_type == onnx.TensorProto.INT32}
    for node in graph.node:
        if node.op_type == "DequantizeLinear" and len(node.input) == 3 and node.input[2] in wide:
            del node.input[2]
    used = {name for node in graph.node for name in node.input}
    kept = [tensor for tensor in graph.initializer if tensor.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)
