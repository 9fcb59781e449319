from __future__ import annotations

import numpy as np
import pytest

from edgeproof.edge.contract import Activation
from edgeproof.edge.errors import InputError
from edgeproof.edge.foreign.probe import activation_of


@pytest.mark.parametrize(
    ("rows", "activation"),
    [
        ([[0.2, 0.3, 0.5], [0.9, 0.1, 0.0]], Activation.SOFTMAX),
        ([[0.2, 0.3, 0.51], [0.9, 0.1, 0.0]], Activation.SOFTMAX),
        ([[0.2, 0.3, 0.5], [0.9, 0.9, 0.0]], Activation.SIGMOID),
        ([[0.2, 0.9], [0.5, 0.6]], Activation.SOFTMAX),  # read as they are, whichever it is
        ([[0.2, 0.3, 0.5], [2.0, -1.0, 0.0]], Activation.LOGITS),
        ([[0.5, 0.8, -0.3], [0.2, 0.3, 0.5]], Activation.LOGITS),  # which sum to 1
        ([[0.2], [0.7]], Activation.SIGMOID),
        ([[0.2], [1.7]], Activation.SIGMOID_LOGITS),
    ],
)
def test_answers_tell_the_activation(rows: list[list[float]], activation: Activation) -> None:
    assert activation_of(np.array(rows, np.float32)) is activation


def test_softmax_of_a_thousand_bytes_need_not_sum_to_1() -> None:
    """Of a flat softmax most bytes are rounded to 0."""
    scores = np.zeros((3, 1001), np.float32)
    scores[:, :100] = 1 / 256
    assert activation_of(scores, 1 / 256) is Activation.SOFTMAX
    assert activation_of(scores) is Activation.SIGMOID


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_no_number_tells_nothing(value: float) -> None:
    with pytest.raises(InputError, match="expected finite scores of test pictures, received others; pass --activation"):
        activation_of(np.array([[value, 0.5]], np.float32))
