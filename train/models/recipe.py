"""A recipe: everything that turns data into one of the article's trained networks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import keras
import numpy as np
from numpy.typing import NDArray

from ...edge.contract import Activation, ImageInput, ModelOutput, NumberInput
from ..augmentation import Augmentation
from .choices import Choices


class Optimizer(str, Enum):
    """Keras' optimizers that the article uses for pictures."""

    RMSPROP = "rmsprop"
    ADAM = "adam"


@dataclass(frozen=True)
class Network:
    """An untrained network, float32 (n, *input.shape) → (n, units); a frozen backbone and the head on it, if it has.

    The backbone gives the features that the head takes: the whole model is nothing but one after the other.
    """

    model: keras.Model
    backbone: keras.Model | None = None
    head: keras.Model | None = None


@dataclass(frozen=True)
class PictureRecipe:
    """A classifier of pictures.

    `build(input, output, choices)` gives the network, uncompiled. `two_classes` is its activation where there are two;
    more always take softmax. `learning_rate` is the optimizer's first; with `decay` it falls to zero along a cosine
    over the whole training. `augmentation` is used unless a person wants another, or none.
    """

    name: str
    input: ImageInput
    build: Callable[[ImageInput, ModelOutput, Choices], Network]
    two_classes: Activation
    epochs: int
    batch_size: int
    learning_rate: float
    optimizer: Optimizer = Optimizer.RMSPROP
    decay: bool = True
    augmentation: Augmentation | None = None

    def output(self, labels: tuple[str, ...]) -> ModelOutput:
        """Give the output that these labels ask for: one sigmoid unit or one softmax unit per label."""
        return ModelOutput(self.two_classes if len(labels) == 2 else Activation.SOFTMAX, labels)


@dataclass(frozen=True)
class NumberRecipe:
    """A regression on numbers: `samples` are (x, y) to learn from, `held_out` the same to validate with.

    x is float32 of shape (n, count), y float32 of shape (n, 1).
    """

    name: str
    input: NumberInput
    build: Callable[[NumberInput], keras.Model]
    source: str
    samples: tuple[NDArray[np.float32], NDArray[np.float32]]
    held_out: tuple[NDArray[np.float32], NDArray[np.float32]]
    epochs: int
    batch_size: int
    learning_rate: float
