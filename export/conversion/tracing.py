"""The network as a TensorFlow graph in which large weights have stand-ins, so that no step has to carry them along."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from ...edge.contract import ModelInput
from ..network import INPUT_NAME, Network

Values = Sequence[NDArray[np.floating]]


def values_of(network: Network) -> Values:
    """Give the values of a network's variables, in order, without copying them where they lie in this memory."""
    return [_array(variable.value.read_value()) for variable in network.variables]


def with_constants(network: Network, spec: ModelInput, values: Values, stand_ins: Mapping[int, float]) -> Any:
    """Trace a network whose variables are constants.

    Args:
        network: a Keras network; those of other kinds have no variables to stand in for.
        spec: what it is shown.
        values: of its variables.
        stand_ins: for some variables, by their place, a number that all of their values become. A graph keeps such a
            constant as its shape and one number.

    Returns:
        A concrete function of one float32 input of shape (1, *spec.shape), in which `stand_in` names the stand-ins.
    """

    def weights() -> list[Any]:
        return [
            tf.constant(stand_ins[index], dtype=value.dtype, shape=value.shape, name=stand_in(index))
            if index in stand_ins
            else tf.constant(value)
            for index, value in enumerate(values)
        ]

    signature = [tf.TensorSpec((1, *spec.shape), tf.float32, INPUT_NAME)]
    return _traced(lambda x: _call(network, weights(), x), signature)


def with_inputs(network: Network, spec: ModelInput, values: Values, names: Mapping[int, str]) -> Any:
    """Trace a network some of whose variables are inputs.

    Args:
        network: as for `with_constants`.
        spec: what it is shown.
        values: of its variables.
        names: for the variables that become inputs, by their place, the input's name.

    Returns:
        A concrete function of one float32 input of shape (1, *spec.shape) and of the variables in `names`, in order.
    """

    def call(x: Any, *given: Any) -> Any:
        placed = dict(zip(names, given, strict=True))
        weights = [placed[index] if index in placed else tf.constant(value) for index, value in enumerate(values)]
        return _call(network, weights, x)

    signature = [tf.TensorSpec((1, *spec.shape), tf.float32, INPUT_NAME)]
    signature += [tf.TensorSpec(values[index].shape, values[index].dtype, name) for index, name in names.items()]
    return _traced(call, signature)


def _array(tensor: Any) -> NDArray[np.floating]:
    # Buffers know no bfloat16.
    return np.asarray(tensor.numpy() if tensor.dtype == tf.bfloat16 else memoryview(tensor))


def stand_in(index: int) -> str:
    """Name the constant that stands for a variable, by the variable's place."""
    return f"stand_in_{index}"


def _call(network: Network, weights: Sequence[Any], x: Any) -> Any:
    with keras.StatelessScope(state_mapping=list(zip(network.variables, weights, strict=True))):
        return network.call(x)


def _traced(call: Callable[..., Any], signature: Sequence[Any]) -> Any:
    return tf.function(call, input_signature=signature, autograph=False).get_concrete_function()
