"""Ways to read a model's outputs other than its contract's: the suspects that need no new answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...edge.contract import Activation, ModelOutput, Quantization
from ...edge.scores import label_scores
from .answers import Scores
from .assignment import assign
from .report import Suspect

_MOST_NAMED = 12  # labels that an order is spelled out for
_TIE = 1e-9
_LEAST_FACTOR, _LEAST_OFFSET = 0.05, 0.02  # a line nearer to none than this is what rounding leaves
_SMALLEST = 1e-6  # what a logarithm is taken of, at least

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Remedy:
    """A suspect, what a person would change if it is the one, and the outputs, (n, units), that this would give."""

    suspect: Suspect
    change: str
    outputs: Scores


def remedies(outputs: Scores, reference: Scores, output: ModelOutput) -> tuple[Remedy, ...]:
    """Read outputs in every other way, each as close to the reference as it can be brought.

    Args:
        outputs: the dequantized outputs, (n, units).
        reference: the scores that they should give, (n, labels).
        output: what the contract says of them.

    Returns:
        None at all where an output is NaN or infinity.
    """
    if not np.isfinite(outputs).all():
        return ()
    wanted = reference if outputs.shape[1] == reference.shape[1] else reference[:, 1:]
    reread = _reread(outputs.astype(np.float64), wanted.astype(np.float64), output)
    return (
        *_relabelled(outputs, reference, output),
        *(Remedy(Suspect.OUTPUT, change, values.astype(np.float32)) for change, values in reread),
    )


def _relabelled(outputs: Scores, reference: Scores, output: ModelOutput) -> Iterator[Remedy]:
    scores = label_scores(outputs, output).astype(np.float64)  # sums of float32 would break ties that are none
    apart = np.stack([np.abs(scores - column[:, None]).sum(0) for column in reference.T], axis=1)
    apart -= _TIE * np.eye(len(apart))  # labels that cannot be told apart stay where they are
    meant = assign(apart)  # the label that each output means
    if np.array_equal(meant, np.arange(len(meant))):
        return
    right = np.empty_like(outputs)
    if output.units == 1:
        right = 1 - outputs
    else:
        right[:, meant] = outputs
    yield Remedy(Suspect.LABELS, _order(output.labels, meant), right)


def _order(labels: tuple[str, ...], meant: NDArray[np.int64]) -> str:
    if len(labels) <= _MOST_NAMED:
        return f"list the labels as {', '.join(labels[index] for index in meant)} (--labels)"
    moved = [f"{labels[index]} for {labels[place]}" for place, index in enumerate(meant) if index != place]
    more = f" and {len(moved) - _MOST_NAMED} more" if len(moved) > _MOST_NAMED else ""
    return f"list {', '.join(moved[:_MOST_NAMED])}{more} among the labels (--labels)"


def _reread(outputs: Values, wanted: Values, output: ModelOutput) -> Iterator[tuple[str, Values]]:
    yield from _rescaled(outputs, wanted, output)
    if output.activation not in _ACTIVATIONS:
        return
    name = output.activation.value
    activate, undo = _ACTIVATIONS[output.activation]
    yield f"apply {name} to the outputs, which lack it", activate(outputs)
    if outputs.min() > 0 and outputs.max() < 1:
        yield f"leave out the second {name}, the scores are probabilities before it", undo(outputs)


def _rescaled(outputs: Values, wanted: Values, output: ModelOutput) -> Iterator[tuple[str, Values]]:
    """Find the line from the outputs to what they should be, which a wrong dequantization leaves."""
    away = outputs - outputs.mean()
    if not away.any():
        return
    factor = float((away * (wanted - wanted.mean())).sum() / (away**2).sum())
    offset = float(wanted.mean() - factor * outputs.mean())
    if factor <= 0 or (abs(factor - 1) < _LEAST_FACTOR and abs(offset) < _LEAST_OFFSET):
        return
    values = factor * outputs + offset
    if np.dtype(output.dtype).kind == "f":
        yield f"take outputs × {factor:.4g} + {offset:.4g}, they are dequantized by another line", values
        return
    # real = scale × (stored − zero point), of which the contract has both wrong, or one
    before = output.quantization or Quantization(1.0, 0)
    scale = factor * before.scale
    zero_point = round(before.zero_point - offset / scale)
    yield f"dequantize the outputs with scale {scale:.4g} and zero point {zero_point} (contract: output)", values


def _softmax(values: Values) -> Values:
    powers = np.exp(values - values.max(1, keepdims=True))
    return np.asarray(powers / powers.sum(1, keepdims=True))


def _before_softmax(values: Values) -> Values:
    """Undo a softmax of values that sum to 1."""
    logarithms = np.log(np.maximum(values, _SMALLEST))
    return np.asarray(logarithms + (1 - logarithms.sum(1, keepdims=True)) / values.shape[1])


def _sigmoid(values: Values) -> Values:
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -80, 80))))


def _before_sigmoid(values: Values) -> Values:
    return np.asarray(np.log(values / (1 - values)))


_Function = Callable[[Values], Values]
_ACTIVATIONS: dict[Activation, tuple[_Function, _Function]] = {
    Activation.SOFTMAX: (_softmax, _before_softmax),
    Activation.SIGMOID: (_sigmoid, _before_sigmoid),
}
