"""From a model's output tensor to labels and their probabilities."""

from __future__ import annotations

import math
from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from .contract import UNKNOWN, Activation, ModelOutput
from .quantization import dequantize


class ScoreReader:
    """Reads the output tensor of one model; `output` says what it means.

    After a large network has run, the processor's caches hold nothing of Python: what is done here is done with few
    calls. A byte has 256 values, so all that can come of one is computed beforehand.
    """

    def __init__(self, output: ModelOutput) -> None:
        self._output = output
        self._table: list[list[float]] | None = None  # of each byte: its real number, and its score of each label
        # A softmax is of all bytes together.
        if output.dtype in ("uint8", "int8") and output.activation is not Activation.LOGITS:
            real = dequantize(np.arange(256, dtype=np.uint8).view(output.dtype)[:, None], output.quantization)
            scores = label_scores(real, output)
            self._table = np.concatenate([real, scores], axis=1).tolist()

    def read(self, stored: NDArray[np.generic]) -> tuple[NDArray[np.float32], str | None, float, dict[str, float]]:
        """Read a row of outputs.

        Args:
            stored: of shape (units,) and the output's dtype, as the runtime left them.

        Returns:
            The dequantized outputs, a new array of float32 of shape (units,); the label, or "unknown"; the score of
            the best label; and the probability of each label. One sigmoid unit gives the second of two labels p, the
            first 1 − p. Linear outputs have no label: None, the first value, {}.
        """
        output = self._output
        if self._table is not None:
            rows = [self._table[byte] for byte in stored.tolist()]  # an int8 below zero counts from the table's end
            scores = np.array([row[0] for row in rows], np.float32)
            values = rows[0][1:] if output.units == 1 else [row[1] for row in rows]
        else:
            scores = dequantize(stored, output.quantization)
            values = label_scores(scores, output).tolist()
        if output.activation is Activation.LINEAR:
            return scores, None, values[0], {}
        score = highest(values)
        label = output.labels[values.index(score)] if score >= output.unknown_below else UNKNOWN
        return scores, label, score, dict(zip(output.labels, values, strict=True))


def highest(values: Collection[float]) -> float:
    """Give the highest score; NaN where any is, so that it is not overlooked, and is below every threshold."""
    return max(values) if all(value == value for value in values) else math.nan


def label_scores(scores: NDArray[np.float32], output: ModelOutput) -> NDArray[np.float32]:
    """Give one score per label from outputs of shape (…, units): (…, labels), float32.

    Logits become probabilities.
    """
    if output.activation is Activation.LOGITS:
        return softmax(scores)
    if output.activation is Activation.SIGMOID_LOGITS:
        scores = sigmoid(scores)
    return np.concatenate([1 - scores, scores], axis=-1) if output.units == 1 else scores


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give the probabilities of logits of shape (…, labels); float32."""
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    probabilities: NDArray[np.float32] = powers / powers.sum(-1, keepdims=True)
    return probabilities


def sigmoid(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give the probability of each logit; float32."""
    # By the tanh, which no logit makes overflow.
    probability: NDArray[np.float32] = (0.5 + 0.5 * np.tanh(0.5 * logits)).astype(np.float32)
    return probability
