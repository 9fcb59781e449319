"""Float32 ONNX → int8 by onnxruntime's static quantization (QDQ, per channel), taking pixels as they are."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import cast

import numpy as np
import onnx
from numpy.typing import NDArray
from onnxruntime import quantization
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from ...edge.contract import CalibrationMethod, ImageInput, Quantization
from ...edge.preprocess import is_of_pixels, pixel_quantization
from ..calibration import CalibrationSet
from ..network import INPUT_NAME
from .choices import Quantizing
from .onnx_compaction import compact

# Operators that move values without changing them, so that integers pass through them as floats do.
_MOVING = {"Transpose", "Reshape", "Identity", "Flatten", "Squeeze", "Unsqueeze"}
_METHODS = {
    CalibrationMethod.MIN_MAX: quantization.CalibrationMethod.MinMax,
    CalibrationMethod.PERCENTILE: quantization.CalibrationMethod.Percentile,
    CalibrationMethod.ENTROPY: quantization.CalibrationMethod.Entropy,
}
_TOGETHER = 10  # samples whose activations a histogram keeps in memory at once, at most


def quantized_onnx(
    floats: bytes, calibration: CalibrationSet, quantizing: Quantizing, float_layers: Sequence[str] = ()
) -> bytes:
    """Quantize a float32 ModelProto.

    Activations are uint8 and weights int8 (U8S8), so that a pixel is its own quantized value. On processors without
    dot products of 8-bit integers (AVX2 and AVX-512 without VNNI) onnxruntime adds pairs of such products in 16 bits,
    which may saturate: weights of 7 bits (`quantizing.reduce_range`) cannot.

    Args:
        floats: the ModelProto.
        calibration: the samples that fix the ranges.
        quantizing: how.
        float_layers: names of nodes that stay floats.
    """
    with tempfile.TemporaryDirectory() as name:
        source, prepared, quantized = (Path(name) / f"{step}.onnx" for step in ("float", "prepared", "int8"))
        source.write_bytes(floats)
        quant_pre_process(source, prepared, skip_symbolic_shape=True)
        options: dict[str, object] = {}
        if quantizing.calibrator is not CalibrationMethod.MIN_MAX:
            options["CalibStridedMinMax"] = _stride(len(calibration.samples))  # which is for histograms too
        if isinstance(calibration.spec, ImageInput):
            # A calibrator that cuts off what is rare would let a white pixel be no white any more.
            low, high = (np.array(bound, np.float32) for bound in calibration.spec.range)
            options["TensorQuantOverrides"] = {
                tensor: [{"rmin": low, "rmax": high}] for tensor in _still_pixels(onnx.load(prepared).graph)
            }
        with redirect_stdout(io.StringIO()):  # the histograms' calibrators print what they do
            quantize_static(
                prepared,
                quantized,
                _Reader(calibration),
                quant_format=QuantFormat.QDQ,
                per_channel=True,
                reduce_range=quantizing.reduce_range,
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
                calibrate_method=_METHODS[quantizing.calibrator],
                nodes_to_exclude=list(float_layers),
                extra_options=options,
            )
        model = onnx.load(quantized)
    if isinstance(calibration.spec, ImageInput):
        _take_pixels(model.graph, calibration.spec)
    del model.graph.value_info[:]  # shapes and types noted along the way were those of floats
    compact(model.graph)
    return cast("bytes", model.SerializeToString())


class _Reader(CalibrationDataReader):  # type: ignore[misc]  # onnxruntime has no types
    """Feeds the calibration samples to onnxruntime, one at a time."""

    def __init__(self, calibration: CalibrationSet) -> None:
        self._calibration = calibration
        self._samples: Iterator[NDArray[np.float32]] = iter(calibration)

    def __len__(self) -> int:
        return len(self._calibration.samples)

    def set_range(self, start_index: int, end_index: int) -> None:
        """Give the samples from one place up to another next."""
        self._samples = self._calibration.between(start_index, end_index)

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        """Give the next sample by input name; None at the end."""
        sample = next(self._samples, None)
        return None if sample is None else {INPUT_NAME: sample}


def _stride(samples: int) -> int:
    """Choose how many samples are looked at together: all of them must come in lots of this size."""
    return max(size for size in range(1, _TOGETHER + 1) if samples % size == 0)


def _still_pixels(graph: onnx.GraphProto) -> Iterable[str]:
    """Name the tensors that hold nothing but the input's values."""
    names = {graph.input[0].name}
    for node in graph.node:
        if node.op_type in _MOVING and node.input[0] in names:
            names.update(node.output)
    return names


def _take_pixels(graph: onnx.GraphProto, spec: ImageInput) -> None:
    """Let the graph begin with uint8 pixels: they are quantized already, so what would quantize them goes.

    Where the first layer stays in floats, pixels become floats inside the graph.
    """
    node = _only_quantization(graph)
    if node is None or not _is_of_pixels(graph, node, spec):
        _begin_with_dequantization(graph, spec)
    else:
        for consumer in graph.node:
            for index, name in enumerate(consumer.input):
                if name == node.output[0]:
                    consumer.input[index] = node.input[0]
        graph.node.remove(node)
    graph.input[0].type.tensor_type.elem_type = onnx.TensorProto.UINT8


def _only_quantization(graph: onnx.GraphProto) -> onnx.NodeProto | None:
    """Find the node that quantizes the input, behind what only moves it; None where other nodes use it too."""
    name = graph.input[0].name
    while True:
        consumers = [node for node in graph.node if name in node.input]
        if len(consumers) != 1 or consumers[0].op_type not in {*_MOVING, "QuantizeLinear"}:
            return None
        if consumers[0].op_type == "QuantizeLinear":
            return cast("onnx.NodeProto", consumers[0])
        name = consumers[0].output[0]


def _is_of_pixels(graph: onnx.GraphProto, node: onnx.NodeProto, spec: ImageInput) -> bool:
    constants = {tensor.name: tensor for tensor in graph.initializer}
    scale, zero_point = (onnx.numpy_helper.to_array(constants[name]) for name in node.input[1:])
    return zero_point.dtype == np.uint8 and is_of_pixels(Quantization(float(scale), int(zero_point)), spec)


def _begin_with_dequantization(graph: onnx.GraphProto, spec: ImageInput) -> None:
    pixel, name = pixel_quantization(spec), graph.input[0].name
    constants = {"pixel_scale": np.float32(pixel.scale), "pixel_zero_point": np.uint8(pixel.zero_point)}
    graph.initializer.extend(onnx.numpy_helper.from_array(np.array(v), key) for key, v in constants.items())
    real = f"{name}_real"
    for node in graph.node:
        for index, given in enumerate(node.input):
            if given == name:
                node.input[index] = real
    graph.node.insert(0, onnx.helper.make_node("DequantizeLinear", [name, *constants], [real], "pixels"))
