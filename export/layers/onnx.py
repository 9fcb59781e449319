"""Layers of two ONNX models, run side by side with the tensors between them as outputs."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from ...edge.contract import Quantization
from ...edge.quantization import quantize
from ..parity.report import LayerNoise
from .noise import Activations, Layer, LayerComparison, Meter, match, worst

# These give other shapes, orders or types to the same values.
_VIEWS = frozenset(
    {
        "Transpose",
        "Reshape",
        "Identity",
        "Flatten",
        "Squeeze",
        "Unsqueeze",
        "Cast",
        "QuantizeLinear",
        "DequantizeLinear",
    }
)
# The quantizer takes these into the layer before: what comes out of both is one activation.
_ABSORBED = frozenset({"Relu", "Clip"})
_QUANTIZED = frozenset({"QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "ConvInteger", "MatMulInteger"})
_ERRORS_ONLY = 3
_DTYPES: dict[int, type[np.generic]] = {
    onnx.TensorProto.UINT8: np.uint8,
    onnx.TensorProto.INT8: np.int8,
    onnx.TensorProto.FLOAT: np.float32,
}


def onnx_noise(
    float_model: bytes, candidate: bytes, samples: Iterable[NDArray[np.float32]], count: int = 10
) -> tuple[LayerNoise, ...]:
    """Give the layers whose activations follow the float network's worst, the worst first.

    Args:
        float_model: the float32 model.
        candidate: another model of the same network: static QDQ, or floats of any precision.
        samples: real inputs as the float network takes them, (1, *input.shape); a handful will do.
        count: how many layers to give.

    Returns:
        Layers by the names of the float model's nodes.
    """
    return worst(compare_onnx(float_model, candidate, samples), count)


def is_float(model: bytes) -> bool:
    """Tell whether a model computes in floats throughout: nothing in it is quantized, weights included."""
    nodes = onnx.load_from_string(model).graph.node
    return not any(node.op_type in _QUANTIZED or node.op_type.startswith("QLinear") for node in nodes)


def takes_reals(model: bytes) -> bool:
    """Tell whether a real number can be given to a model: its input is float32, or its graph says what integers mean.

    One that takes pixels and casts them has a scale of its own, somewhere in its arithmetic.
    """
    graph = onnx.load_from_string(model).graph
    return _dtype(graph.input[0]) is np.float32 or _input_quantization(graph) is not None


def compare_onnx(
    float_model: bytes, candidate: bytes, samples: Iterable[NDArray[np.float32]]
) -> tuple[LayerComparison, ...]:
    """Compare every layer that both models have, in the network's order; arguments are those of `onnx_noise`."""
    reference, other = (onnx.load_from_string(model) for model in (float_model, candidate))
    layers = _layers(reference.graph)
    restored = _restored(other.graph)
    pairs = match([layer.output for layer in layers], list(restored))
    ours = _Model(reference, {name: name for name in pairs})
    theirs = _Model(other, {name: restored[found] for name, found in pairs.items()})
    meter = Meter()
    for sample in samples:
        expected, received = ours.run(sample), theirs.run(sample)
        for name in pairs:
            if expected[name].shape == received[name].shape:
                meter.add(name, expected[name], received[name])
    return meter.compare(layers)


def _layers(graph: onnx.GraphProto) -> list[Layer]:
    made = {node.output[0]: node for node in graph.node}
    limited = {node.input[0] for node in graph.node if _computing(node, made) is not node}
    return [
        Layer(_computing(node, made).name, node.output[0], tuple(_sources(node, made)))
        for node in graph.node
        if node.op_type not in _VIEWS and node.output[0] not in limited
    ]


def _computing(node: onnx.NodeProto, made: dict[str, onnx.NodeProto]) -> onnx.NodeProto:
    """Find the node that computes what an absorbed activation only limits."""
    before = made.get(node.input[0]) if node.input else None  # a constant has no inputs
    return before if node.op_type in _ABSORBED and before is not None and before.op_type not in _VIEWS else node


def _sources(node: onnx.NodeProto, made: dict[str, onnx.NodeProto]) -> Iterable[str]:
    """Name the activations that a node computes from, behind views and what it absorbed."""
    for name in _computing(node, made).input:
        while name in made and made[name].op_type in _VIEWS:
            name = made[name].input[0]
        if name in made:
            yield name


def _restored(graph: onnx.GraphProto) -> dict[str, str]:
    """Map each activation to the tensor that holds it as the next layer sees it: dequantized, where it is quantized."""
    reads: dict[str, list[onnx.NodeProto]] = {}
    for node in graph.node:
        for name in node.input[:1]:
            reads.setdefault(name, []).append(node)
    found = {}
    for node in graph.node:
        if node.op_type in {"QuantizeLinear", "DequantizeLinear"}:
            continue
        for name in node.output:
            found[name.removesuffix("_QuantizeLinear_Input")] = _after(name, reads)
    return found


def _after(name: str, reads: dict[str, list[onnx.NodeProto]]) -> str:
    for kind in ("QuantizeLinear", "DequantizeLinear"):
        following = [node for node in reads.get(name, ()) if node.op_type == kind]
        if not following:
            return name
        name = following[0].output[0]
    return name


class _Model:
    """A model that gives out tensors by name.

    Args:
        model: as it was read; outputs are added to it.
        wanted: from the name to give a tensor out by, to its own.
    """

    def __init__(self, model: onnx.ModelProto, wanted: dict[str, str]) -> None:
        self._wanted = wanted
        self._input = model.graph.input[0]
        self._quantization = _input_quantization(model.graph)
        there = {output.name for output in model.graph.output}
        model.graph.output.extend(
            onnx.helper.make_empty_tensor_value_info(name)
            for name in dict.fromkeys(wanted.values())
            if name not in there
        )
        options = onnxruntime.SessionOptions()
        options.log_severity_level = _ERRORS_ONLY
        # Optimized, so that layers of integers are computed by the kernels that the device will use.
        self._session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )

    def run(self, sample: NDArray[np.float32]) -> Activations:
        """Run one sample, quantized where the input is an integer."""
        stored: NDArray[np.generic] = sample
        dtype = _dtype(self._input)
        if self._quantization is not None and dtype is not np.float32:
            stored = quantize(sample, self._quantization, dtype)
        names = list(self._wanted.values())
        values = self._session.run(names, {self._input.name: stored})
        return dict(zip(self._wanted, values, strict=True))


def _dtype(tensor: onnx.ValueInfoProto) -> type[np.generic]:
    return _DTYPES[tensor.type.tensor_type.elem_type]


def _input_quantization(graph: onnx.GraphProto) -> Quantization | None:
    """Read the quantization of an integer input from the node that takes it back to real numbers; None without one."""
    constants = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}
    name = graph.input[0].name
    for node in graph.node:  # in topological order
        if name not in node.input:
            continue
        if node.op_type == "DequantizeLinear":
            scale, zero_point = (constants.get(constant) for constant in (*node.input[1:], "")[:2])
            if scale is None or scale.size != 1:  # computed, or one for each channel
                return None
            return Quantization(float(scale.item()), 0 if zero_point is None else int(zero_point.item()))
        if node.op_type not in _VIEWS or node.op_type == "Cast":
            return None
        name = node.output[0]
    return None
