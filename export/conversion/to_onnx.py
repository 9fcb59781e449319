"""Float32 ONNX → the other precisions, by onnxruntime's own tools, and what an .onnx file says of itself."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import cast

import onnx
from onnxruntime.transformers.float16 import convert_float_to_float16
from onnxruntime.transformers.onnx_model import OnnxModel

from ...edge.contract import Contract, ImageInput, Precision
from ...edge.preprocess import pixel_quantization

PRECISIONS = (Precision.FLOAT32, Precision.FLOAT16, Precision.INT8)


def half_onnx(floats: bytes) -> bytes:
    """Bring the weights of a float32 ModelProto to float16; it goes on taking and giving float32."""
    with warnings.catch_warnings():
        # Weights below the smallest float16 become that or 0, and are counted in warnings; the gate says if it matters.
        warnings.filterwarnings("ignore", "the float32 number", UserWarning)
        half = OnnxModel(convert_float_to_float16(onnx.load_from_string(floats), keep_io_types=True))
    half.topological_sort()  # the casts of input and output stand at the end, where the checker refuses them
    return cast("bytes", half.model.SerializeToString())


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
