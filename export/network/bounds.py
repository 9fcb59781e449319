"""What a network may ask of the memory: a config of a few bytes can name weights and answers that no machine holds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from ...edge.errors import InputError
from ...workstation import keras_archive

# How memory that is not there shows: to numpy and Python, and to TensorFlow.
OUT_OF_MEMORY = (MemoryError, tf.errors.ResourceExhaustedError)
_LEAST_BYTES = 2  # of a weight, which is a float16 at least
_MOST_VALUES = 2**28  # of one layer's answer to one sample, and of one batch of inputs: 1 GiB as float32


@contextmanager
def bounded_weights(path: Path) -> Iterator[None]:
    """Refuse to build a network of more weights than its file could hold, before there is memory for them.

    Raises:
        InputError: it has.
    """
    most = keras_archive.most_bytes(path.stat().st_size) // _LEAST_BYTES
    original, count = keras.layers.Layer.add_weight, 0

    def counted(layer: Any, *words: Any, **named: Any) -> Any:
        nonlocal count
        shape = named.get("shape")
        # Anything else than a few whole numbers is for Keras to refuse.
        if isinstance(shape, (tuple, list)) and all(isinstance(size, int) for size in shape):
            count += math.prod(shape)
        if count > most:
            raise InputError(f"expected at most {most} weights, as the file could hold, received {count}: {path}")
        return original(layer, *words, **named)

    keras.layers.Layer.add_weight = counted
    try:
        yield
    finally:
        keras.layers.Layer.add_weight = original


def check_answers(model: keras.Model, path: Path) -> None:
    """Refuse a network one of whose layers answers a sample with more than memory holds.

    Raises:
        InputError: it has such a layer.
    """
    for layer, shape in _answers(model):
        values = math.prod(size or 1 for size in shape[1:])
        if values > _MOST_VALUES:
            raise InputError(f"expected at most {_MOST_VALUES} values from {layer}, received {values}: {path}")


def check_batch(batch: int | None, shape: Sequence[int | None], path: Path) -> None:
    """Refuse a network that takes more samples at once than memory holds, each of a shape.

    Raises:
        InputError: it does.
    """
    values = (batch or 1) * math.prod(size or 1 for size in shape)
    if values > _MOST_VALUES:
        raise InputError(f"expected an input of at most {_MOST_VALUES} values, received {values}: {path}")


def _answers(model: keras.Model) -> Iterator[tuple[str, tuple[int | None, ...]]]:
    """List what every operation of a model answers, at any depth, by its name."""
    for operation in getattr(model, "operations", model.layers):
        for node in operation._inbound_nodes:
            yield from ((ascii(operation.name)[:80], tuple(tensor.shape)) for tensor in node.output_tensors)
        if isinstance(operation, keras.Model):
            yield from _answers(operation)
