"""Float32 TFLite → integers: ranges are measured once on the finished flatbuffer, and quantize it in several ways.

These are the two steps that TFLiteConverter takes after its float conversion, and the files answer the same; it would
convert the network anew for each precision. The check that nothing is left in floats, which it makes too, is made here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from tensorflow.lite.python.convert import mlir_quantize
from tensorflow.lite.python.optimize.calibrator import Calibrator, add_intermediate_tensors

from ...edge.contract import ImageInput, Precision
from ...edge.errors import InputError
from ...edge.native_noise import muted
from ..calibration import CalibrationSet
from .flatbuffer import float_operators, operations, operators

_LOOP = "WHILE"
# Operators that choose among values without changing them.
_CHOOSING = frozenset({"MAX_POOL_2D", "RESHAPE", "CONCATENATION", "TRANSPOSE", "SQUEEZE", "PAD", "STRIDED_SLICE"})
_BETWEEN = frozenset({"QUANTIZE", "DEQUANTIZE"})  # stand where integers and floats meet


class QuantizedTFLite:
    """The integer forms of a float32 flatbuffer.

    Args:
        model: the flatbuffer.
        calibration: the samples that fix the ranges.
    """

    def __init__(self, model: bytes, calibration: CalibrationSet) -> None:
        self._model, self._calibration = model, calibration

    def convert(self, precision: Precision, float_layers: Sequence[str] = ()) -> bytes:
        """Quantize to INT8 or INT16X8.

        Args:
            precision: INT8 takes uint8 pixels and gives uint8 scores, or takes and gives int8 numbers; INT16X8 takes
                and gives floats.
            float_layers: names of output tensors of layers that stay floats, in INT8; so does what only chooses among
                their values.

        Raises:
            InputError: a layer has no integer kernel, and was not to stay in floats; or the network is recurrent.
        """
        if _LOOP in operators(self._model):
            # TensorFlow's calibrator crashes in them, and the process with it.
            raise InputError(
                "expected layers without loops, received a recurrent one; build it with unroll=True, or try --dynamic"
            )
        try:
            with muted():
                made = self._int16x8() if precision is Precision.INT16X8 else self._int8(float_layers)
        except (RuntimeError, ValueError) as error:
            reason = " ".join(str(error).split())[:300]
            raise InputError(f"expected layers that have integer kernels, received {reason}; try --dynamic") from error
        left = [name for name in float_operators(made) if name not in _BETWEEN]
        if left and not float_layers:
            raise InputError(f"expected layers that have integer kernels, received {', '.join(left)}; try --dynamic")
        return made

    def _int8(self, float_layers: Sequence[str]) -> bytes:
        kind = tf.uint8 if isinstance(self._calibration.spec, ImageInput) else tf.float32
        made: bytes = mlir_quantize(
            self._calibrated,
            input_data_type=kind,
            output_data_type=kind,
            denylisted_nodes=self._with_followers(float_layers) or None,
        )
        return made

    def _with_followers(self, float_layers: Sequence[str]) -> set[str]:
        """Add what chooses among the values of these layers: between two of them it would round after all."""
        names = set(float_layers)
        for operation in operations(self._model):
            if operation.operator in _CHOOSING and operation.inputs and names.issuperset(operation.inputs):
                names.update(operation.outputs)
        return names

    def _int16x8(self) -> bytes:
        made: bytes = self._calibrator.calibrate_and_quantize(
            _nothing_more,
            tf.float32,
            tf.float32,
            allow_float=False,
            activations_type=tf.int16,
            bias_type=tf.int64,
            resize_input=False,
        )
        return made

    @cached_property
    def _calibrated(self) -> bytes:
        """The flatbuffer with the ranges in it."""
        calibrated: bytes = self._calibrator.calibrate(_nothing_more)
        del self._calibrator  # it holds the network twice; INT16X8, which would need it again, is made before INT8
        return calibrated

    @cached_property
    def _calibrator(self) -> Calibrator:
        """The calibrator, after it has seen the samples."""
        model = self._model
        if any("LSTM" in name for name in operators(model)):
            # Only there are tensors inside of an operator; for all others it would copy the network for nothing.
            model = add_intermediate_tensors(model)
        calibrator = Calibrator(model)
        calibrator.calibrate(lambda: ([sample] for sample in self._calibration))
        return calibrator


def _nothing_more() -> Iterator[list[NDArray[np.float32]]]:
    """Give no samples, where a calibrator has seen them already and asks again."""
    return iter(())
