"""What the last layer of a network leaves to be read as scores."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from ...edge.contract import Activation

_SUM = 1e-3  # by which float32 and float16 probabilities may miss 1
_KNOWN = {
    "softmax": Activation.SOFTMAX,
    "sigmoid": Activation.SIGMOID,
    "linear": Activation.LINEAR,
}
# Layers that only move values, or do nothing at inference.
_PASSING = {"Dropout", "Flatten", "Identity", "Reshape", "GaussianNoise"}


def last_activation(model: keras.Model) -> Activation | None:
    """Read the activation of a model's last layer; None where the layer leaves it open."""
    operations = getattr(model, "operations", None) or model.layers  # a Sequential model has layers alone
    operation = operations[-1] if operations else None
    while operation is not None and type(operation).__name__ in _PASSING:
        operation = _before(operation)
    if operation is None:
        return None
    if isinstance(operation, keras.Model):
        return last_activation(operation)
    if type(operation).__name__ in ("Softmax", "Sigmoid"):
        return _KNOWN[type(operation).__name__.lower()]
    function = getattr(operation, "activation", None)
    return _KNOWN.get(getattr(function, "__name__", ""))


def _before(operation: Any) -> Any:
    try:
        return operation.input._keras_history.operation
    except (AttributeError, ValueError):
        return None


def observed_activation(outputs: NDArray[np.float32]) -> Activation:
    """Decide from answers to real pictures, (n, units): probabilities that sum to 1, single ones, or plain numbers."""
    if outputs.min() < 0 or outputs.max() > 1:
        return Activation.LINEAR
    sums_to_1 = outputs.shape[1] > 1 and np.abs(outputs.sum(1) - 1).max() <= _SUM
    return Activation.SOFTMAX if sums_to_1 else Activation.SIGMOID
