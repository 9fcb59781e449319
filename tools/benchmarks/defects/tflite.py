"""Defects inside a TFLite file: its numbers are changed where they lie, and nothing is written anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray

from edgeproof.edge.contract import Format

from .vocabulary import Broken, Good, Kind, Workshop

Draw = np.random.Generator
_WEIGHTED = frozenset(
    {schema.BuiltinOperator.CONV_2D, schema.BuiltinOperator.DEPTHWISE_CONV_2D, schema.BuiltinOperator.FULLY_CONNECTED}
)
_DTYPES = {schema.TensorType.FLOAT32: np.float32, schema.TensorType.INT8: np.int8, schema.TensorType.INT32: np.int32}


@dataclass(frozen=True)
class _Layer:
    """A layer with weights: its weights and bias as views of the file, and the quantization of what it gives."""

    weights: NDArray[Any]
    scales: NDArray[np.float32]
    bias: NDArray[Any]
    bias_scales: NDArray[np.float32]
    output: Any


class _File:
    """A copy of a file whose numbers can be written to."""

    def __init__(self, model: bytes) -> None:
        self.bytes = bytearray(model)
        self._model = schema.Model.GetRootAs(self.bytes, 0)
        self._graph = self._model.Subgraphs(0)

    def layers(self) -> list[_Layer]:
        """List the layers with weights, in order."""
        operators = [self._graph.Operators(index) for index in range(self._graph.OperatorsLength())]
        return [self._layer(operator) for operator in operators if self._code(operator) in _WEIGHTED]

    def alike(self, output: Any) -> Iterator[Any]:
        """Give the quantizations of all tensors that share an output's, which poolings and views hand on."""
        wanted = _line(output)
        for index in range(self._graph.TensorsLength()):
            quantization = self._graph.Tensors(index).Quantization()
            if quantization is not None and quantization.ScaleLength() == 1 and _line(quantization) == wanted:
                yield quantization

    def _code(self, operator: Any) -> int:
        code = self._model.OperatorCodes(operator.OpcodeIndex())
        return max(int(code.BuiltinCode()), int(code.DeprecatedBuiltinCode()))

    def _layer(self, operator: Any) -> _Layer:
        weights, bias = (self._graph.Tensors(operator.Inputs(index)) for index in (1, 2))
        return _Layer(
            self._values(weights),
            _scales(weights),
            self._values(bias),
            _scales(bias),
            self._graph.Tensors(operator.Outputs(0)).Quantization(),
        )

    def _values(self, tensor: Any) -> NDArray[Any]:
        data = self._model.Buffers(tensor.Buffer()).DataAsNumpy().view(_DTYPES[tensor.Type()])
        return data.reshape(tensor.ShapeAsNumpy())


def saturated(model: bytes, layer: int, factor: float) -> bytes:
    """Let what a layer gives end at 1 / factor of its range."""
    file = _File(model)
    for quantization in list(file.alike(file.layers()[layer].output)):
        quantization.ScaleAsNumpy()[:] /= np.float32(factor)
    return bytes(file.bytes)


def shifted(model: bytes, layer: int, steps: int) -> bytes:
    """Move the zero point of what a layer gives: its range begins, and ends, that many steps earlier or later."""
    file = _File(model)
    for quantization in list(file.alike(file.layers()[layer].output)):
        quantization.ZeroPointAsNumpy()[:] = np.clip(quantization.ZeroPointAsNumpy() + steps, -128, 127)
    return bytes(file.bytes)


def misread(model: bytes, layer: int, steps: int) -> bytes:
    """Let a layer take its input's zero point for another: each sum is off by the weights times the steps."""
    file = _File(model)
    chosen = file.layers()[layer]
    sums = chosen.weights.reshape(len(chosen.weights), -1).astype(np.int64).sum(1)
    chosen.bias[:] += (steps * sums).astype(np.int32)
    return bytes(file.bytes)


def scaled(model: bytes, layer: int, share: float, factor: float, rng: Draw) -> bytes:
    """Scale the weights of some of a layer's channels wrongly."""
    file = _File(model)
    chosen = file.layers()[layer]
    count = max(1, round(share * len(chosen.weights)))
    channels = rng.choice(len(chosen.weights), count, replace=False)
    if chosen.weights.dtype == np.float32:
        chosen.weights[channels] *= np.float32(factor)
    else:
        chosen.scales[channels if len(chosen.scales) > 1 else slice(None)] *= np.float32(factor)
    return bytes(file.bytes)


def biased(model: bytes, channel: int, amount: float) -> bytes:
    """Raise what the last layer gives for one class, by an amount in the units of a logit."""
    file = _File(model)
    last = file.layers()[-1]
    steps = amount if last.bias.dtype == np.float32 else round(amount / _at(last.bias_scales, channel))
    last.bias[channel] += steps
    return bytes(file.bytes)


def _at(scales: NDArray[np.float32], channel: int) -> float:
    """Give a channel's scale, which it may share with the others."""
    return float(scales[channel] if len(scales) > 1 else scales[0])


def _line(quantization: Any) -> tuple[float, int]:
    return float(quantization.Scale(0)), int(quantization.ZeroPoint(0))


def _scales(tensor: Any) -> NDArray[np.float32]:
    """Give a view of a tensor's scales; floats have none."""
    quantization = tensor.Quantization()
    return quantization.ScaleAsNumpy() if quantization and quantization.ScaleLength() else np.empty(0, np.float32)


def _draw_layer(file: Good, rng: Draw) -> int:
    return int(rng.integers(len(_File(file.model).layers())))


def _saturated(file: Good, _: Workshop, rng: Draw) -> Broken:
    layer = _draw_layer(file, rng)
    factor = float(np.exp(rng.uniform(0.5, 1.7 + 0.3 * layer)))  # the later, the more it takes
    return Broken(f"layer {layer} saturates at 1/{factor:.2f}", file.open(model=saturated(file.model, layer, factor)))


def _shifted(file: Good, _: Workshop, rng: Draw) -> Broken:
    layer, steps = _draw_layer(file, rng), int(rng.integers(60, 230))
    return Broken(f"layer {layer} begins {steps} steps later", file.open(model=shifted(file.model, layer, steps)))


def _misread(file: Good, _: Workshop, rng: Draw) -> Broken:
    layer, steps = _draw_layer(file, rng), int(rng.choice([-1, 1]) * np.exp(rng.uniform(1.5, 4.0)))
    return Broken(f"zero point of layer {layer} off by {steps}", file.open(model=misread(file.model, layer, steps)))


def _scaled(file: Good, _: Workshop, rng: Draw) -> Broken:
    layer, share = _draw_layer(file, rng), float(np.exp(rng.uniform(-2, 0)))
    factor = float(rng.choice([-1.0, 0.0, 0.3, 2.0, 3.0]) if not file.quantized else rng.choice([0.1, 0.4, 2.0, 3.0]))
    changed = scaled(file.model, layer, share, factor, rng)
    return Broken(f"{share:.0%} of the channels of layer {layer} × {factor}", file.open(model=changed))


def _biased(file: Good, _: Workshop, rng: Draw) -> Broken:
    channel = int(rng.integers(file.contract.output.units or 1))
    amount = float(rng.choice([-1, 1]) * np.exp(rng.uniform(-0.7, 1.5)))
    return Broken(f"class {channel} biased by {amount:.2f}", file.open(model=biased(file.model, channel, amount)))


def _is_int8(file: Good) -> bool:
    return file.format is Format.TFLITE and file.quantized


KINDS = (
    Kind("saturating layer (tflite)", _is_int8, _saturated),
    Kind("shifted range (tflite)", _is_int8, _shifted),
    Kind("misread zero point (tflite)", _is_int8, _misread),
    Kind("wrong weight scales (tflite)", lambda file: file.format is Format.TFLITE, _scaled),
    Kind("biased class (tflite)", lambda file: file.format is Format.TFLITE, _biased),
)
