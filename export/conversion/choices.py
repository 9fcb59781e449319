"""What a person may choose about quantization."""

from __future__ import annotations

from dataclasses import dataclass

from ...edge.contract import CalibrationMethod, Format


@dataclass(frozen=True)
class Quantizing:
    """How integers are made: what finds the ranges of activations in ONNX, and whether its weights have 7 bits."""

    calibrator: CalibrationMethod = CalibrationMethod.MIN_MAX
    reduce_range: bool = False

    def method(self, kind: Format) -> CalibrationMethod:
        """Give what finds the ranges in a format; TensorFlow's calibrator for TFLite takes the least and greatest."""
        return self.calibrator if kind is Format.ONNX else CalibrationMethod.MIN_MAX
