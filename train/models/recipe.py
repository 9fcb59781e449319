"""A recipe: everything that turns data into one of the article's trained networks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from ...edge.contract import Activation, ImageInput, NumberInput
from ..augmentation import Augmentation


@dataclass(frozen=True)
class PictureRecipe:
    """A classifier of pictures.

    `build(input, classes)` gives the network, uncompiled, from float32 (n, *input.shape) to (n, units);
    `learning_rate` is RMSprop's first, which falls to zero along a cosine over the whole training.
    """

    name: str
    input: ImageInput
    build: Callable[[ImageInput, int], keras.Model]
    activation: Activation
    epochs: int
    batch_size: int
    learning_rate: float
    augmentation: Augmentation | None = None


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
