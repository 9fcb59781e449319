"""The trained network, loaded safely and frozen into a graph of one fixed shape."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from ..edge.contract import ImageInput, ModelInput
from ..edge.errors import InputError
from ..edge.preprocess import to_real
from ..workstation import keras_archive

INPUT_NAME = "input"
_BATCH = 64


def load(path: Path, *, trust: bool = False) -> keras.Model:
    """Load a .keras file, inspected first unless it is to be trusted, in Keras' safe mode.

    Raises:
        InputError: the file is damaged, or holds what is not Keras' own or what safe mode refuses.
    """
    if not trust:
        keras_archive.inspect(path)
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except (ValueError, TypeError, KeyError, OSError, zipfile.BadZipFile) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"expected a .keras file that loads in safe mode, received {reason}: {path}") from error


def as_function(model: keras.Model, spec: ModelInput) -> Any:
    """Wrap a network as a `tf.function` of one float32 input of shape (1, *spec.shape).

    A free batch dimension would leave SHAPE, STRIDED_SLICE and PACK in every file that comes of it.
    """
    signature = [tf.TensorSpec((1, *spec.shape), tf.float32, INPUT_NAME)]
    return tf.function(lambda x: model(x, training=False), input_signature=signature)


def freeze(model: keras.Model, spec: ModelInput) -> Any:
    """Give the network as a concrete function whose variables are constants, as TFLiteConverter wants it."""
    return convert_variables_to_constants_v2(as_function(model, spec).get_concrete_function())


def predictor(model: keras.Model, spec: ModelInput) -> Callable[[NDArray[Any]], NDArray[np.float32]]:
    """Give the reference: samples of shape (n, *spec.shape), uint8 pixels or float32 numbers, to outputs (n, units)."""

    def predict(samples: NDArray[Any]) -> NDArray[np.float32]:
        outputs = []
        for start in range(0, len(samples), _BATCH):
            batch = samples[start : start + _BATCH]
            real = to_real(batch, spec) if isinstance(spec, ImageInput) else batch
            outputs.append(np.asarray(model(real, training=False), np.float32))
        return np.concatenate(outputs)

    return predict
