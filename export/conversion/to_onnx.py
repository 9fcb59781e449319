"""Float32 ONNX → the other precisions, by onnxruntime's own tools, and what an .onnx file says of itself."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import onnx
from numpy.typing import NDArray
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process
from onnxruntime.transformers.float16 import convert_float_to_float16
from onnxruntime.transformers.onnx_model import OnnxModel

from ...edge.contract import Contract, ImageInput, Precision, Quantization
from ...edge.errors import InputError
from ...edge.preprocess import is_of_pixels, pixel_quantization
from ..calibration import CalibrationSet
from ..network import INPUT_NAME

PRECISIONS = (Precision.FLOAT32, Precision.FLOAT16, Precision.INT8)
# Operators that move values without changing them, so that integers pass through them as floats do.
_MOVING = {"Transpose", "Reshape", "Identity", "Flatten", "Squeeze", "Unsqueeze"}


def convert(
    floats: bytes, precision: Precision, calibration: CalibrationSet, float_layers: Sequence[str] = ()
) -> bytes:
    """Bring a float network to a precision.

    Args:
        floats: what `float_onnx` gave.
        precision: one of `PRECISIONS`. int8 is static QDQ, per channel; pictures then go in as uint8, scores come out
            as float32. float16 takes and gives float32.
        calibration: the samples that fix the ranges of int8.
        float_layers: names of nodes that stay floats in int8.

    Returns:
        A ModelProto that passes `onnx.checker` with its full check.

    Raises:
        InputError: the first layer of the int8 network does not take pixels as they are.
    """
    made = floats
    if precision is Precision.FLOAT16:
        made = _to_half(floats)
    if precision is Precision.INT8:
        made = _quantize(floats, calibration, float_layers)
    onnx.checker.check_model(made, full_check=True)
    return made


def describe(model: bytes, contract: Contract) -> Contract:
    """Complete a contract with what this file takes: uint8 pixels where it was quantized, floats otherwise."""
    spec = contract.input
    value_type = onnx.load_from_string(model).graph.input[0].type.tensor_type.elem_type
    if isinstance(spec, ImageInput) and value_type == onnx.TensorProto.UINT8:
        spec = replace(spec, dtype="uint8", quantization=pixel_quantization(spec))
    return replace(contract, input=spec)


def runtime(model: bytes) -> str:
    """Name the lowest runtime that can load the model."""
    opset = next(entry.version for entry in onnx.load_from_string(model).opset_import if entry.domain == "")
    return f"ONNX opset {opset}"


def _to_half(floats: bytes) -> bytes:
    with warnings.catch_warnings():
        # Weights below the smallest float16 become that or 0, and are counted in warnings; the gate says if it matters.
        warnings.filterwarnings("ignore", "the float32 number", UserWarning)
        half = OnnxModel(convert_float_to_float16(onnx.load_from_string(floats), keep_io_types=True))
    half.topological_sort()  # the casts of input and output stand at the end, where the checker refuses them
    return cast("bytes", half.model.SerializeToString())


def _quantize(floats: bytes, calibration: CalibrationSet, float_layers: Sequence[str]) -> bytes:
    with tempfile.TemporaryDirectory() as name:
        source, prepared, quantized = (Path(name) / f"{step}.onnx" for step in ("float", "prepared", "int8"))
        source.write_bytes(floats)
        quant_pre_process(source, prepared, skip_symbolic_shape=True)
        quantize_static(
            prepared,
            quantized,
            _Reader(calibration),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.MinMax,
            nodes_to_exclude=list(float_layers),
        )
        model = onnx.load(quantized)
    if isinstance(calibration.spec, ImageInput):
        _take_pixels(model, calibration.spec)
    return cast("bytes", model.SerializeToString())


class _Reader(CalibrationDataReader):  # type: ignore[misc]  # onnxruntime has no types
    """Feeds the calibration samples to onnxruntime, one at a time."""

    def __init__(self, calibration: CalibrationSet) -> None:
        self._samples = iter(calibration)

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        """Give the next sample by input name; None at the end."""
        sample = next(self._samples, None)
        return None if sample is None else {INPUT_NAME: sample}


def _take_pixels(model: onnx.ModelProto, spec: ImageInput) -> None:
    """Let the graph begin with uint8 pixels: drop the node that would quantize them, since they are quantized.

    Raises:
        InputError: the first quantization is not that of a pixel.
    """
    graph = model.graph
    node = _first_quantization(graph)
    constants = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}
    scale, zero_point = (constants[name] for name in node.input[1:])
    given = Quantization(float(scale), int(zero_point))
    if zero_point.dtype != np.uint8 or not is_of_pixels(given, spec):
        raise InputError(f"expected the input quantization {pixel_quantization(spec)}, received {given}")
    for consumer in graph.node:
        for index, name in enumerate(consumer.input):
            if name == node.output[0]:
                consumer.input[index] = node.input[0]
    graph.node.remove(node)
    graph.input[0].type.tensor_type.elem_type = onnx.TensorProto.UINT8
    # Shapes and types noted along the way were those of floats.
    del graph.value_info[:]


def _first_quantization(graph: onnx.GraphProto) -> onnx.NodeProto:
    name = graph.input[0].name
    while True:
        consumers = [node for node in graph.node if name in node.input]
        if len(consumers) != 1 or consumers[0].op_type not in {*_MOVING, "QuantizeLinear"}:
            found = ", ".join(node.op_type for node in consumers)
            raise InputError(f"expected a network that begins with one layer of integers, received {found}")
        if consumers[0].op_type == "QuantizeLinear":
            return cast("onnx.NodeProto", consumers[0])
        name = consumers[0].output[0]
