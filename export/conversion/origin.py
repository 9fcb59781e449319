"""The network in the forms that the precisions of a format begin with, each made once, when it is needed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import onnx

from ...edge.contract import Format, Precision
from ..calibration import CalibrationSet
from ..network import Network
from . import to_onnx
from .choices import Quantizing
from .float_onnx import float_onnx
from .float_tflite import float_tflite
from .quantized_onnx import quantized_onnx
from .quantized_tflite import QuantizedTFLite
from .reduced_tflite import reduced_tflite


class Origin:
    """A network on its way into files.

    Args:
        network: bound to its input.
        calibration: the samples that fix the ranges of integers.
        quantizing: how integers are made.
    """

    def __init__(self, network: Network, calibration: CalibrationSet, quantizing: Quantizing | None = None) -> None:
        self._network, self._spec, self._calibration = network, calibration.spec, calibration
        self._quantizing = quantizing or Quantizing()

    def convert(self, kind: Format, precision: Precision, float_layers: Sequence[str] = ()) -> bytes:
        """Convert the network.

        Args:
            kind: the format.
            precision: one of the format's `PRECISIONS`.
            float_layers: layers that stay floats in INT8: names of output tensors of the float flatbuffer, or of nodes
                of the float ONNX graph.

        Returns:
            What an interpreter loads: a flatbuffer, or a ModelProto that passes `onnx.checker` with its full check.

        Raises:
            InputError: the network cannot be brought to this format and precision.
        """
        if kind is Format.ONNX:
            model = self._onnx(precision, float_layers)
            onnx.checker.check_model(model, full_check=True)
            return model
        if precision is Precision.FLOAT32:
            return self._float_tflite
        if precision in (Precision.INT8, Precision.INT16X8):
            return self._quantized.convert(precision, float_layers)
        return reduced_tflite(self._float_tflite, precision)

    def _onnx(self, precision: Precision, float_layers: Sequence[str]) -> bytes:
        if precision is Precision.FLOAT16:
            return to_onnx.half_onnx(self._float_onnx)
        if precision is Precision.INT8:
            return quantized_onnx(self._float_onnx, self._calibration, self._quantizing, float_layers)
        return self._float_onnx

    def float_model(self, kind: Format) -> bytes:
        """Give the float32 network, which others are compared with layer by layer."""
        return self.convert(kind, Precision.FLOAT32)

    @cached_property
    def _float_tflite(self) -> bytes:
        return float_tflite(self._network, self._spec)

    @cached_property
    def _quantized(self) -> QuantizedTFLite:
        return QuantizedTFLite(self._float_tflite, self._calibration)

    @cached_property
    def _float_onnx(self) -> bytes:
        return float_onnx(self._network, self._spec)
