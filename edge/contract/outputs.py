"""What a network gives, and the labels of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .numbers import Quantization, check_storage
from .vocabulary import Activation

UNKNOWN = "unknown"  # the label of an answer whose score is below the threshold
_MOST_LABELS = 100_000  # ImageNet's longest list has 21,841
_SHOWN = 5  # of many labels, in a message


@dataclass(frozen=True)
class ModelOutput:
    """The output tensor and what its values mean.

    One sigmoid unit stands for two labels (its value is the score of the second); a linear output has no labels.
    `dtype` and `quantization` are those of the tensor.
    `unknown_below` is the score under which the answer is "unknown", fitted for this file's own precision.
    """

    activation: Activation
    labels: tuple[str, ...] = ()
    dtype: str = "float32"
    quantization: Quantization | None = None
    unknown_below: float = 0.0

    def __post_init__(self) -> None:
        if len(self.labels) > _MOST_LABELS:
            raise ValueError(f"expected at most {_MOST_LABELS} labels, received {len(self.labels)}")
        if len(set(self.labels)) != len(self.labels):
            raise ValueError(f"expected labels that differ, received {listed(self.labels)}")
        if UNKNOWN in self.labels:
            raise ValueError(f"expected no label called {UNKNOWN!r}, it is the answer below the threshold")
        if (self.activation is Activation.LINEAR) != (not self.labels):
            raise ValueError("expected labels for all but linear outputs, and none for those")
        if len(self.labels) == 1:
            raise ValueError(f"expected at least 2 labels, received 1: {self.labels[0]}")
        check_storage(self.dtype, self.quantization)

    @property
    def units(self) -> int | None:
        """How many values the output tensor must hold; None where the contract leaves it open (linear)."""
        if self.activation is Activation.LINEAR:
            return None
        is_sigmoid = self.activation in (Activation.SIGMOID, Activation.SIGMOID_LOGITS)
        return 1 if is_sigmoid and len(self.labels) == 2 else len(self.labels)


def listed(labels: Sequence[str]) -> str:
    """List labels for a message, the first few of many."""
    more = len(labels) - _SHOWN
    return ", ".join(labels[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
