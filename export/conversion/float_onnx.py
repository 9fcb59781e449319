"""Network → float32 ONNX: the graph is converted without its weights, which take their places at the end.

tf2onnx copies constants between messages dozens of times. Here it sees large weights as inputs. What it and TensorFlow
would have computed from them once and for all (transposed kernels, kernels times the scale of a batch normalization) is
computed by `onnx_folding` afterwards, in the same order, to the same bits.
"""

from __future__ import annotations

import logging
from typing import cast

import numpy as np
import onnx
import tensorflow as tf
import tf2onnx
from numpy.typing import NDArray

from ...edge.contract import ModelInput
from ...edge.errors import InputError
from ..network import INPUT_NAME, Network
from .onnx_folding import fold
from .tracing import values_of, with_inputs

OPSET = 17  # what onnxruntime 1.12 of 2022 reads already
_OUTPUT_NAME = "scores"
_SMALL = 512  # values; below it a weight costs nothing, and TensorFlow may compute with it
_NESTING = frozenset({"While", "StatelessWhile", "If", "StatelessIf", "Case", "StatelessCase"})
_MOST = 2**29 - 1  # weights: a protobuf message can be no larger than 2 GiB


def float_onnx(network: Network, spec: ModelInput) -> bytes:
    """Convert a network to ONNX as it is, which every precision begins with; gives the bytes of a ModelProto.

    Raises:
        InputError: the network has an operator that ONNX lacks, or is larger than a file may be.
    """
    if network.parameters > _MOST:
        raise InputError(f"expected at most {_MOST} weights, received {network.parameters}; ONNX holds no more")
    for name in ("tf2onnx", "tensorflow"):
        # tf2onnx warns of its steps, TensorFlow of tf2onnx's age; what stays unconverted is refused below.
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        model = (_lean(network, spec) if network.variables else None) or _plain(network, spec)
    except ValueError as error:
        raise InputError(f"expected operators that ONNX has, received {' '.join(str(error).split())[:300]}") from error
    foreign = [f"{node.op_type} ({node.name})" for node in model.graph.node if not _is_known(node)]
    if foreign:
        raise InputError(f"expected operators that ONNX has, received {', '.join(foreign)[:300]}; replace those layers")
    _rename_output(model.graph, _OUTPUT_NAME)
    serialized: bytes = model.SerializeToString()
    return serialized


def _plain(network: Network, spec: ModelInput) -> onnx.ModelProto:
    signature = [tf.TensorSpec((1, *spec.shape), tf.float32, INPUT_NAME)]
    model, _ = tf2onnx.convert.from_function(network.as_function(spec), input_signature=signature, opset=OPSET)
    return cast("onnx.ModelProto", model)


def _lean(network: Network, spec: ModelInput) -> onnx.ModelProto | None:
    """Convert without the weights; None where there are loops or branches, which tf2onnx knows by constants in them."""
    values = values_of(network)
    names = {index: f"weight_{index}" for index, value in enumerate(values) if _is_large(value)}
    function = with_inputs(network, spec, values, names)
    if any(operation.type in _NESTING for operation in function.graph.get_operations()):
        return None
    inputs = [tensor.name for tensor in function.inputs]
    model, _ = tf2onnx.convert.from_graph_def(
        function.graph.as_graph_def(),
        input_names=inputs,
        output_names=[tensor.name for tensor in function.outputs],
        tensors_to_rename=dict(zip(inputs, [INPUT_NAME, *names.values()], strict=True)),
        opset=OPSET,
    )
    fold(model, {name: values[index] for index, name in names.items()})
    return cast("onnx.ModelProto", model)


def _is_known(node: onnx.NodeProto) -> bool:
    # tf2onnx leaves an operator that it cannot convert as it is.
    return onnx.defs.has(node.op_type, OPSET, node.domain)


def _is_large(value: NDArray[np.generic]) -> bool:
    return value.ndim >= 2 and value.size >= _SMALL


def _rename_output(graph: onnx.GraphProto, name: str) -> None:
    old = graph.output[0].name
    for node in graph.node:
        for names in (node.input, node.output):
            for index, value in enumerate(names):
                if value == old:
                    names[index] = name
    graph.output[0].name = name
