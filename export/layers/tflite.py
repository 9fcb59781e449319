"""Layers of two TFLite models, run side by side with every tensor kept."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from numpy.typing import NDArray

from ...edge.contract import Quantization
from ...edge.native_noise import muted
from ...edge.quantization import dequantize, quantize
from ..parity.report import LayerNoise
from .noise import Layer, LayerComparison, Meter, match, worst

# These give other shapes or types to the same values.
_VIEWS = frozenset({"RESHAPE", "SQUEEZE", "EXPAND_DIMS", "QUANTIZE", "DEQUANTIZE"})


def tflite_noise(
    float_model: bytes, candidate: bytes, samples: Iterable[NDArray[np.float32]], count: int = 10
) -> tuple[LayerNoise, ...]:
    """Give the layers whose activations follow the float network's worst, the worst first.

    Args:
        float_model: the float32 flatbuffer.
        candidate: another flatbuffer of the same network, of any precision.
        samples: real inputs as the float network takes them, (1, *input.shape); a handful will do.
        count: how many layers to give.

    Returns:
        Layers by the names of the float flatbuffer's output tensors.
    """
    return worst(compare_tflite(float_model, candidate, samples), count)


def is_float(model: bytes) -> bool:
    """Tell whether a flatbuffer computes in floats throughout: none of its tensors is quantized."""
    return not _Model(model).quantized


def takes_reals(model: bytes) -> bool:
    """Tell whether a real number can be given to a flatbuffer: its input is float32, or says what its integers mean."""
    return _Model(model).takes_reals


def compare_tflite(
    float_model: bytes, candidate: bytes, samples: Iterable[NDArray[np.float32]]
) -> tuple[LayerComparison, ...]:
    """Compare every layer that both models have, in the network's order; arguments are those of `tflite_noise`."""
    reference, other = _Model(float_model), _Model(candidate)
    layers = reference.computing
    pairs = match([layer.output for layer in layers], [layer.output for layer in other.layers])
    pairs = {name: theirs for name, theirs in pairs.items() if reference.shape(name) == other.shape(theirs)}
    meter = Meter()
    for sample in samples:
        reference.run(sample)
        other.run(sample)
        for name, theirs in pairs.items():
            meter.add(name, reference.values(name), other.values(theirs))
    return meter.compare(layers)


class _Model:
    """A flatbuffer in an interpreter that keeps what is between its layers; `layers` are its operations."""

    def __init__(self, model: bytes) -> None:
        with muted():
            # A delegate computes many layers as one, and leaves nothing between them.
            self._interpreter = Interpreter(
                model_content=model,
                experimental_preserve_all_tensors=True,
                experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
            )
            self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]
        operations = self._interpreter._get_ops_details()  # there is no public one
        self._tensors = {detail["index"]: detail for detail in self._interpreter.get_tensor_details()}
        self._filled = {self._name(index): int(index) for operation in operations for index in operation["outputs"]}
        self._views = {
            self._name(operation["outputs"][0]): self._name(operation["inputs"][0])
            for operation in operations
            if operation["op_name"] in _VIEWS
        }
        self.layers = [
            Layer(self._name(output), self._name(output), self._sources(operation["inputs"]))
            for operation in operations
            for output in operation["outputs"]
        ]

    @property
    def computing(self) -> list[Layer]:
        """The layers that are more than a view of another one."""
        return [layer for layer in self.layers if layer.output not in self._views]

    @property
    def quantized(self) -> bool:
        """Whether any tensor is, weights included."""
        return any(len(detail["quantization_parameters"]["scales"]) for detail in self._tensors.values())

    @property
    def takes_reals(self) -> bool:
        """Whether the input is float32, or is quantized."""
        return self._input["dtype"] is np.float32 or _quantization(self._input) is not None

    def shape(self, name: str) -> tuple[int, ...]:
        """Give a tensor's shape."""
        return tuple(self._tensors[self._filled[name]]["shape"].tolist())

    def run(self, sample: NDArray[np.float32]) -> None:
        """Run one sample, quantized as the input tensor asks."""
        quantization, dtype = _quantization(self._input), self._input["dtype"]
        stored = sample if quantization is None else quantize(sample, quantization, dtype)
        self._interpreter.set_tensor(self._input["index"], stored)
        self._interpreter.invoke()

    def values(self, name: str) -> NDArray[np.float32]:
        """Give what a tensor holds, dequantized."""
        tensor = self._tensors[self._filled[name]]
        return dequantize(self._interpreter.get_tensor(tensor["index"]), _quantization(tensor))

    def _name(self, index: int) -> str:
        return str(self._tensors[index]["name"])

    def _sources(self, indices: NDArray[np.integer]) -> tuple[str, ...]:
        """Name the activations among an operation's inputs, behind views of them."""
        names = [self._name(index) for index in indices if index >= 0]  # −1 is an input that is left out
        found = []
        for name in names:
            while name in self._views:
                name = self._views[name]
            if name in self._filled:
                found.append(name)
        return tuple(found)


def _quantization(detail: dict[str, Any]) -> Quantization | None:
    scale, zero_point = detail["quantization"]
    return Quantization(float(scale), int(zero_point)) if scale else None
