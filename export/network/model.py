"""A trained network, whatever file it came from: the reference that exported files are compared with."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from ...edge.contract import Activation, ImageInput, ModelInput
from ...edge.errors import InputError
from ...edge.preprocess import to_real
from .activations import last_activation
from .bounds import OUT_OF_MEMORY

INPUT_NAME = "input"
_BATCH = 64
_CHANGING = frozenset({"AssignVariableOp", "AssignAddVariableOp", "AssignSubVariableOp"})


@dataclass(frozen=True)
class Network:
    """A network of one float32 input and one row of outputs.

    Args:
        call: from a tensor of shape (n, *input_shape) to one of (n, units).
        input_shape: of one sample; None where the network takes any length.
        output_shape: of one answer; None where only running it tells.
        batch: how many samples it takes at once; None for any number.
        parameters: how many numbers its weights hold.
        activation: what its last layer leaves; None where that is not known.
        repairs: what had to be changed to load it, in words.
        spec: what it is shown, once that is decided.
        source: what must live as long as `call` is used.
        variables: the Keras variables that `call` reads; none where it is no Keras network.
    """

    call: Callable[[Any], Any]
    input_shape: tuple[int | None, ...]
    output_shape: tuple[int | None, ...]
    batch: int | None
    parameters: int
    activation: Activation | None
    repairs: tuple[str, ...] = ()
    spec: ModelInput | None = None
    source: Any = None
    variables: tuple[Any, ...] = ()

    def bound(self, spec: ModelInput) -> Network:
        """Say what the network is shown.

        Raises:
            InputError: the network takes another shape.
        """
        fits = len(spec.shape) == len(self.input_shape) and all(
            own in (None, given) for own, given in zip(self.input_shape, spec.shape, strict=True)
        )
        if not fits:
            raise InputError(f"expected a network for {spec.shape}, received one for {self.input_shape}")
        return replace(self, spec=spec)

    def followed_by(self, activation: Activation) -> Network:
        """Put an activation behind the outputs, where the network leaves them as they are."""
        function = {Activation.SOFTMAX: tf.nn.softmax, Activation.SIGMOID: tf.sigmoid}[activation]
        call = self.call
        return replace(self, call=lambda x: function(call(x)), activation=activation)

    def predict(self, samples: NDArray[Any]) -> NDArray[np.float32]:
        """Answer samples of shape (n, *spec.shape), uint8 pixels or float32 numbers: (n, units), float32."""
        if self.spec is None:
            raise ValueError("expected a network that is bound to its input")
        step = self.batch or _BATCH
        outputs = []
        for start in range(0, len(samples), step):
            batch = samples[start : start + step]
            real = to_real(batch, self.spec) if isinstance(self.spec, ImageInput) else batch.astype(np.float32)
            outputs.append(self.answer(real))
        return np.concatenate(outputs)

    def answer(self, real: NDArray[np.float32]) -> NDArray[np.float32]:
        """Answer real inputs, float32 of shape (n, *input_shape), n of at most `batch`: (n, units), float32."""
        missing = self.batch - len(real) if self.batch else 0
        try:
            padded = np.concatenate([real, np.repeat(real[-1:], missing, axis=0)]) if missing else real
            return np.asarray(self.call(tf.constant(padded)), np.float32)[: len(real)]
        except OUT_OF_MEMORY as error:
            raise InputError(
                "expected a network that memory holds, received a larger one; use a smaller one"
            ) from error

    def as_function(self, spec: ModelInput) -> Any:
        """Wrap the network as a `tf.function` of one float32 input of shape (1, *spec.shape).

        A free batch dimension would leave SHAPE, STRIDED_SLICE and PACK in every file that comes of it.

        Raises:
            InputError: the network changes variables while it answers.
        """
        signature = [tf.TensorSpec((1, *spec.shape), tf.float32, INPUT_NAME)]
        function = tf.function(self.call, input_signature=signature)
        changing = [op.name for op in function.get_concrete_function().graph.get_operations() if op.type in _CHANGING]
        if changing:
            raise InputError(
                f"expected a network that only computes, received one that changes {changing[0][:80]}; "
                "take layers that only training needs out of it"
            )
        return function


def of_keras(model: keras.Model, repairs: tuple[str, ...] = ()) -> Network:
    """Take a Keras model as a network.

    Raises:
        InputError: it has several inputs or outputs.
    """
    for what, tensors in (("input", model.inputs), ("output", model.outputs)):
        if tensors is None or len(tensors) != 1:
            names = ", ".join(str(tensor.name) for tensor in tensors or ())
            raise InputError(
                f"expected a network of one {what}, received {len(tensors or ())} ({names[:120]}); "
                f"make a model of one: keras.Model({'input, output' if what == 'input' else 'model.input, OUTPUT'})"
            )
    batch, *shape = model.inputs[0].shape
    return Network(
        call=lambda x: _only(model(x, training=False)),
        input_shape=tuple(shape),
        output_shape=tuple(model.outputs[0].shape[1:]),
        batch=batch,
        parameters=sum(math.prod(weight.shape) for weight in model.weights),
        activation=last_activation(model),
        repairs=repairs,
        source=model,
        variables=tuple(model.weights),
    )


def _only(outputs: Any) -> Any:
    return outputs[0] if isinstance(outputs, (list, tuple)) else outputs


def as_function(model: keras.Model | Network, spec: ModelInput) -> Any:
    """Wrap a network, or a Keras model, as `Network.as_function` does."""
    return (model if isinstance(model, Network) else of_keras(model)).as_function(spec)


def freeze(model: keras.Model | Network, spec: ModelInput) -> Any:
    """Give the network as a concrete function whose variables are constants, as TFLiteConverter wants it."""
    return convert_variables_to_constants_v2(as_function(model, spec).get_concrete_function())
