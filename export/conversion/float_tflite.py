"""Network → float32 TFLite: the converter is spared the largest weights, which take their places in its result.

TensorFlow's converter copies every constant many times. The kernels of dense layers, most of a network's bytes, go in
as constants of one number each, which take no room, and come out as buffers full of that number. There the real values
are written over them. Kernels of convolutions go in as they are: the converter computes with them.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from tensorflow.lite.python.convert import OpsSet, convert_graphdef
from tensorflow.lite.python.lite_constants import TENSORFLOW_GRAPHDEF

from ...edge.contract import ModelInput
from ...edge.errors import InputError
from ...edge.native_noise import muted
from ..network import Network, freeze
from .flatbuffer import dense_kernels, operators
from .tracing import Values, stand_in, values_of, with_constants

_LARGE = 2**18  # values: a megabyte
_STEP = 2.0**-9  # between the numbers that stand for kernels, which are exact in float32
_MOST = 2**29 - 1  # weights: a flatbuffer's offsets reach no further than 2 GiB
_FOREIGN = ("CUSTOM:", "Flex")


def float_tflite(network: Network, spec: ModelInput) -> bytes:
    """Convert a network to a float32 flatbuffer, which every precision begins with.

    Raises:
        InputError: the network needs operators that are no TFLite builtins, or is larger than a file may be.
    """
    if network.parameters > _MOST:
        raise InputError(f"expected at most {_MOST} weights, received {network.parameters}; TFLite holds no more")
    model = _lean(network, spec) if network.variables else None
    return _convert(freeze(network, spec)) if model is None else model


def _lean(network: Network, spec: ModelInput) -> bytes | None:
    """Convert with stand-ins; None where the converter did not leave each as it was, so that it has to see the values.

    It may have computed with one, for example where a normalization follows a dense layer.
    """
    values = values_of(network)
    large = [index for index, value in enumerate(values) if value.ndim == 2 and value.size >= _LARGE]
    # Close to one another, so that a kernel that is doubled or halved has no number that stands for another one.
    stand_ins = {index: 1 + (place + 0.5) * _STEP for place, index in enumerate(large)}
    function = with_constants(network, spec, values, stand_ins)
    if any(not _is_kernel(function, index) for index in stand_ins):
        stand_ins = {index: number for index, number in stand_ins.items() if _is_kernel(function, index)}
        function = with_constants(network, spec, values, stand_ins)
    model = bytearray(_convert(function))
    places = _places(model, values, stand_ins)
    if places is None:
        return None
    for index, place in places.items():
        place[:] = values[index].T
    return bytes(model)


def _is_kernel(function: Any, index: int) -> bool:
    """Tell whether a stand-in is the right side of one matrix product, as it lies, and nothing else."""
    constant = function.graph.get_operation_by_name(stand_in(index)).outputs[0]
    readers = constant.consumers()
    return (
        len(readers) == 1
        and readers[0].type == "MatMul"
        and readers[0].inputs[1] is constant
        and not readers[0].get_attr("transpose_b")
    )


def _places(model: bytearray, values: Values, stand_ins: Mapping[int, float]) -> dict[int, NDArray[np.float32]] | None:
    """Find the buffers that are full of a stand-in, one for each; they are views into the model."""
    found: dict[int, NDArray[np.float32]] = {}
    for kernel in dense_kernels(model):
        for index, number in stand_ins.items():
            fits = kernel.shape == values[index].T.shape and kernel.flat[0] == number
            if fits and (kernel.min(), kernel.max()) == (number, number):
                if index in found:
                    return None
                found[index] = kernel
    return found if set(found) == set(stand_ins) else None


def _convert(function: Any) -> bytes:
    logging.getLogger("absl").setLevel(logging.ERROR)
    try:
        with muted():
            # Not TFLiteConverter, which takes its result apart and puts it together again in Python, twice.
            model: bytes = convert_graphdef(
                function.graph.as_graph_def(),
                [tensor for tensor in function.inputs if tensor.dtype != tf.resource],
                function.outputs,
                input_format=TENSORFLOW_GRAPHDEF,
                target_ops={OpsSet.TFLITE_BUILTINS},
                allow_custom_ops=False,
            )
    except Exception as error:
        # ConverterError, ValueError and RuntimeError share no other base, and each says much in many lines.
        raise _refusal(error) from error
    foreign = [name for name in operators(model) if name.startswith(_FOREIGN)]
    if foreign:
        raise InputError(f"expected TFLite builtin operators only, received {', '.join(foreign)}; replace those layers")
    return model


def _refusal(error: Exception) -> InputError:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    needs = next((line for line in lines if "Flex" in line or "custom" in line.lower()), lines[0] if lines else "")
    return InputError(
        f"expected a network of TFLite builtin operators, received one the converter refuses: {needs[:300]}"
    )
