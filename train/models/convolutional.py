"""The article's convolutional network, shared by its models of real pictures."""

from __future__ import annotations

import keras
from keras import layers

from ...edge.contract import ImageInput

_FILTERS = (16, 32, 64)
_HIDDEN = 512


def convolutional(spec: ImageInput, units: int, activation: str) -> keras.Model:
    """Build 16-32-64 convolutions of 3×3, each with 2×2 max pooling, then a dense layer of 512.

    Source: the article's horses-or-humans network, which its larger models follow.

    Args:
        spec: the input; float32 (n, height, width, channels) in `spec.range`.
        units: outputs of the last layer.
        activation: Keras' name of the last layer's activation.
    """
    blocks: list[layers.Layer] = []
    for filters in _FILTERS:
        blocks += [layers.Conv2D(filters, 3, activation="relu"), layers.MaxPooling2D()]
    dense = [layers.Flatten(), layers.Dense(_HIDDEN, activation="relu"), layers.Dense(units, activation=activation)]
    return keras.Sequential([keras.Input(spec.shape), *blocks, *dense])
