"""A trained network behind the device's own interface, so that its code can feed it and read it."""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from ..edge.interpreters import TensorInfo
from .network import INPUT_NAME, Network

_OUTPUT_NAME = "output"


class NetworkInterpreter:
    """A network in TensorFlow; its input and output tensors are float32, of one sample.

    Args:
        network: bound to its input.

    Raises:
        InputError: the network changes variables while it answers.
    """

    def __init__(self, network: Network) -> None:
        if network.spec is None:
            raise ValueError("expected a network that is bound to its input")
        self.name = f"tensorflow {tf.__version__}"
        self.input = TensorInfo(INPUT_NAME, (1, *network.spec.shape), "float32", None)
        self.output = TensorInfo(_OUTPUT_NAME, (1, *network.output_shape), "float32", None)
        # A graph answers in a fraction of the time that layer after layer takes; it has no room for larger batches.
        self._call = network.as_function(network.spec) if network.batch in (None, 1) else network.answer
        self._input = np.zeros((1, *network.spec.shape), np.float32)
        self._output: NDArray[np.generic] | None = None

    def input_tensor(self) -> NDArray[np.generic]:
        """Give the array that the network reads its input from."""
        return self._input

    def invoke(self) -> None:
        """Let the network answer."""
        self._output = np.asarray(self._call(self._input), np.float32)

    def output_tensor(self) -> NDArray[np.generic]:
        """Give the output of the last `invoke`."""
        if self._output is None:
            raise RuntimeError("expected invoke() before output_tensor()")
        return self._output
