"""An interpreter whose network reads its input, or gives its output, in another way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from edgeproof.edge.classifier import Classifier

Tensor = NDArray[np.generic]
Change = Callable[[Tensor], Tensor]


class Wrapped:
    """The interpreter of a classifier, with a change before it and one behind it.

    `reads` turns the input, of shape (height, width, channels), into what the network gets; `gives` turns its raw
    outputs, (1, units), into those that are read, of any dtype.
    """

    def __init__(self, classifier: Classifier, reads: Change | None = None, gives: Change | None = None) -> None:
        self._inner, self._reads, self._gives = classifier.interpreter, reads, gives
        self.name, self.input, self.output = self._inner.name, self._inner.input, self._inner.output
        self._tensor: Tensor = np.zeros((1, *classifier.contract.input.shape), self.input.dtype)

    def input_tensor(self) -> Tensor:
        """Give the tensor to write to."""
        return self._tensor

    def invoke(self) -> None:
        """Run the network on what it reads."""
        self._inner.input_tensor()[0] = self._reads(self._tensor[0]) if self._reads else self._tensor[0]
        self._inner.invoke()

    def output_tensor(self) -> Tensor:
        """Give the changed outputs."""
        outputs: Tensor = np.array(self._inner.output_tensor())
        return self._gives(outputs) if self._gives else outputs


def wrapped(classifier: Classifier, *, reads: Change | None = None, gives: Change | None = None) -> Classifier:
    """Open a classifier anew with changes around its network."""
    return Classifier(classifier.contract, Wrapped(classifier, reads, gives))


def floats(classifier: Classifier, gives: Change) -> Classifier:
    """Likewise, where `gives` changes dequantized outputs: the file is one that gives out floats."""
    quantization = classifier.contract.output.quantization
    inner = Wrapped(classifier)
    inner.output = replace(inner.output, dtype="float32", quantization=None)

    def change(stored: Tensor) -> Tensor:
        real = stored.astype(np.float32)
        if quantization is not None:
            real = (real - np.float32(quantization.zero_point)) * np.float32(quantization.scale)
        return gives(real)

    inner._gives = change
    output = replace(classifier.contract.output, dtype="float32", quantization=None)
    return Classifier(replace(classifier.contract, output=output), inner)
