"""The Python API that ai-edge-litert and tflite-runtime share, behind our interface."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contract import Quantization
from ..errors import InputError
from ..native_noise import muted
from . import TensorInfo, failed, processors, refused


class TFLiteInterpreter:
    """A TFLite model in an interpreter of either package."""

    def __init__(
        self,
        name: str,
        make: Callable[..., Any],
        model: bytes,
        threads: int | None,
        shape: tuple[int, ...] | None = None,
    ) -> None:
        self.name = name
        try:
            with muted():  # the delegate announces itself
                self._interpreter = make(model_content=model, num_threads=threads or processors.usable())
                if shape is not None:
                    (detail,) = self._interpreter.get_input_details()
                    self._interpreter.resize_tensor_input(detail["index"], shape)
                self._interpreter.allocate_tensors()
            self._input_index, self.input = self._only(self._interpreter.get_input_details(), "input")
            self._output_index, self.output = self._only(self._interpreter.get_output_details(), "output")
        except (ValueError, RuntimeError, TypeError, OverflowError) as error:
            raise refused(name, "a TFLite", error) from error
        if shape is not None:
            self.input = replace(self.input, shape=shape)
        # Asking for the tensor anew each time is the API's rule: a view kept across `invoke` may dangle.
        self._input_view = self._interpreter.tensor(self._input_index)
        self._output_view = self._interpreter.tensor(self._output_index)

    def input_tensor(self) -> NDArray[np.generic]:
        """Give the interpreter's own input memory."""
        view: NDArray[np.generic] = self._input_view()
        return view

    def invoke(self) -> None:
        """Run the model; raises InputError where it fails."""
        try:
            self._interpreter.invoke()
        except (ValueError, RuntimeError) as error:
            raise failed(self.name, error) from error

    def output_tensor(self) -> NDArray[np.generic]:
        """Give the interpreter's own output memory."""
        view: NDArray[np.generic] = self._output_view()
        return view

    @staticmethod
    def _only(details: list[dict[str, Any]], what: str) -> tuple[int, TensorInfo]:
        if len(details) != 1:
            raise InputError(f"expected a model with one {what} tensor, received {len(details)}")
        detail = details[0]
        scale, zero_point = detail["quantization"]
        info = TensorInfo(
            name=detail["name"],
            shape=_shape(detail),
            dtype=np.dtype(detail["dtype"]).name,
            quantization=Quantization(float(scale), int(zero_point)) if scale else None,
        )
        return detail["index"], info


def _shape(detail: dict[str, Any]) -> tuple[int | None, ...]:
    """Give a tensor's shape; a size that is left open is 1 in it, and −1 in the signature beside it."""
    shape = [int(size) for size in detail["shape"]]
    signature = [int(size) for size in detail.get("shape_signature", shape)]
    if len(signature) != len(shape):  # older files have none
        signature = shape
    return tuple(None if said < 0 else size for size, said in zip(shape, signature, strict=True))
