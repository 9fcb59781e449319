"""onnxruntime behind our interface."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from ..errors import InputError
from ..wording import one_line
from . import TensorInfo, failed, processors, refused

_DTYPES = {"tensor(float)": "float32", "tensor(uint8)": "uint8", "tensor(int8)": "int8"}
_FATAL_ONLY = 4  # what it logs of an error it raises too, and we say once


class OnnxInterpreter:
    """An ONNX model in onnxruntime's CPU provider."""

    def __init__(self, model: bytes, threads: int | None, shape: tuple[int, ...] | None = None) -> None:
        self.name = f"onnxruntime {onnxruntime.__version__}"
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or processors.usable()
        options.log_severity_level = _FATAL_ONLY
        try:
            self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's own errors share no base but Exception
            raise refused(self.name, "an ONNX", error) from error
        self.input = self._only(self._session.get_inputs(), "input")
        self.output = self._only(self._session.get_outputs(), "output")
        if shape is not None:
            self.input = replace(self.input, shape=shape)
        # A free batch dimension is run with one sample.
        sizes = [size or 1 for size in self.input.shape]
        self._input: NDArray[np.generic] = np.zeros(sizes, self.input.dtype)
        self._output: NDArray[np.generic] | None = None

    def input_tensor(self) -> NDArray[np.generic]:
        """Give the array that onnxruntime reads its input from."""
        return self._input

    def invoke(self) -> None:
        """Run the model; raises InputError where it fails."""
        try:
            (self._output,) = self._session.run([self.output.name], {self.input.name: self._input})
        except Exception as error:  # as above
            raise failed(self.name, error) from error

    def output_tensor(self) -> NDArray[np.generic]:
        """Give the output of the last `invoke`."""
        if self._output is None:
            raise RuntimeError("expected invoke() before output_tensor()")
        return self._output

    @staticmethod
    def _only(tensors: list[Any], what: str) -> TensorInfo:
        if len(tensors) != 1:
            raise InputError(f"expected a model with one {what} tensor, received {len(tensors)}")
        tensor = tensors[0]
        if tensor.type not in _DTYPES:
            raise InputError(
                f"expected an {what} tensor of {', '.join(_DTYPES.values())}, received {one_line(tensor.type, 60)}; "
                "export the model again with one of those"
            )
        shape = tuple(size if isinstance(size, int) else None for size in tensor.shape)
        # The format keeps no quantization beside a tensor; the contract does.
        return TensorInfo(tensor.name, shape, _DTYPES[tensor.type], None)


def open_model(model: bytes, threads: int | None, shape: tuple[int, ...] | None = None) -> OnnxInterpreter:
    """Load an ONNX model in onnxruntime; raises InputError where it refuses the model."""
    return OnnxInterpreter(model, threads, shape)
