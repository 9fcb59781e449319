"""The layers that several of the article's networks share."""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import layers

from ...edge.contract import ImageInput, ModelOutput
from ...edge.errors import InputError
from .choices import Choices, Head


def blocks(filters: Sequence[int]) -> list[layers.Layer]:
    """Give convolutions of 3×3 with ReLU, each followed by 2×2 max pooling."""
    return [layer for count in filters for layer in (layers.Conv2D(count, 3, activation="relu"), layers.MaxPooling2D())]


def pooled(head: Head) -> layers.Layer:
    """Give the layer that makes a vector of a feature map."""
    return layers.Flatten() if head is Head.FLATTEN else layers.GlobalAveragePooling2D()


def answers(output: ModelOutput) -> layers.Layer:
    """Give the last layer: one unit per label, or one sigmoid unit for two.

    The article's multi-class network ends in a single softmax unit, which always answers 1; one per label is meant.
    """
    # Probabilities stay in float32 under mixed precision: float16 has three digits.
    return layers.Dense(output.units, activation=output.activation.value, dtype="float32")


def sequence(spec: ImageInput, parts: Sequence[layers.Layer]) -> keras.Model:
    """Chain layers behind an input of float32 (n, height, width, channels) in `spec.range`.

    Raises:
        InputError: the pictures are too small for so many convolutions.
    """
    try:
        return keras.Sequential([keras.Input(spec.shape), *parts])
    except ValueError as error:
        raise InputError(
            f"expected a larger picture for this network, received {spec.height}×{spec.width}; pass a larger --size"
        ) from error


def refuse_backbone(name: str, choices: Choices) -> None:
    """Refuse what only a transferred backbone has: options that would change nothing.

    Raises:
        InputError: one of its options is set.
    """
    if choices.backbone or choices.weights or choices.weights_range or choices.trust:
        raise InputError(
            "expected --backbone, --weights, --weights-range and --trust with transfer or inception only, "
            f"received {name}"
        )
