"""What a model's outputs are, told from what it answers to test pictures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..contract import Activation, ImageInput
from ..errors import InputError
from ..interpreters import Interpreter, is_row
from ..preprocess import InputWriter, Pixels
from ..quantization import dequantize

_SEED = 0
_SUM = 0.02  # that the scores of a softmax may be away from 1
_ROUNDING = 1e-3  # of a score that is 0 or 1


def answers(interpreter: Interpreter, spec: ImageInput) -> NDArray[np.float32]:
    """Run a model on a few test pictures: their real outputs, (pictures, units), float32.

    Raises:
        InputError: the model fails, or its output is no row of scores.
    """
    writer = InputWriter(spec)
    return np.stack([_answer(interpreter, writer, picture) for picture in _pictures(spec.height, spec.width)])


def _answer(interpreter: Interpreter, writer: InputWriter, picture: Pixels) -> NDArray[np.float32]:
    # In a function of its own, because a runtime refuses to run while its memory is looked at.
    writer.write(picture, interpreter.input_tensor())
    interpreter.invoke()
    stored = interpreter.output_tensor()
    if not is_row(stored.shape):
        raise InputError(f"expected an output of shape (1, units), received {stored.shape}; use a classifier's file")
    return dequantize(stored.reshape(-1), interpreter.output.quantization)


def activation_of(scores: NDArray[np.float32], step: float = 0.0) -> Activation:
    """Tell what outputs are, from those of a few pictures.

    Args:
        scores: real outputs of shape (pictures, units).
        step: the scale of a quantized output; a softmax of a thousand stored bytes may be far from 1.

    Raises:
        InputError: they are no numbers.
    """
    if not np.isfinite(scores).all():
        raise InputError("expected finite scores of test pictures, received others; pass --activation")
    units = scores.shape[1]
    if not ((scores >= -_ROUNDING) & (scores <= 1 + _ROUNDING)).all():
        return Activation.SIGMOID_LOGITS if units == 1 else Activation.LOGITS
    if units == 1:
        return Activation.SIGMOID
    # Two scores are read as they are, whether they come of a softmax or of two sigmoids.
    is_one = np.abs(scores.sum(axis=1) - 1) <= _SUM + units * step / 2
    return Activation.SOFTMAX if units == 2 or is_one.all() else Activation.SIGMOID


def _pictures(height: int, width: int) -> list[Pixels]:
    """Make a gray picture, noise, a gradient and an orange picture: (height, width, 3)."""
    gray: Pixels = np.full((height, width, 3), 128, np.uint8)
    noise: Pixels = np.random.default_rng(_SEED).integers(0, 256, (height, width, 3), np.uint8)
    gradient: Pixels = np.empty_like(gray)
    gradient[:] = np.linspace(0, 255, width, dtype=np.uint8)[:, None]
    orange: Pixels = np.empty_like(gray)
    orange[:] = (32, 144, 240)  # of another mean than the others, which are all gray on the whole
    return [gray, noise, gradient, orange]
