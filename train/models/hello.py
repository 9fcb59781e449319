"""Hello, world: one neuron that finds y = 2x − 1."""

import keras
import numpy as np
from numpy.typing import NDArray

from ...edge.contract import NumberInput
from .recipe import NumberRecipe


def build(spec: NumberInput) -> keras.Model:
    """Build a single dense unit. Source: the article's first section."""
    return keras.Sequential([keras.Input(spec.shape), keras.layers.Dense(1)])


def _line(*x: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    numbers = np.array(x, np.float32)[:, None]
    return numbers, 2 * numbers - 1


RECIPE = NumberRecipe(
    name="hello",
    # The article learns from −1 to 4 and then asks for 10, so the exported file must be trusted that far.
    input=NumberInput(count=1, range=(-10.0, 10.0)),
    build=build,
    source="y = 2x − 1",
    samples=_line(-1, 0, 1, 2, 3, 4),
    held_out=_line(5, 6, 7, 8, 9, 10),
    epochs=500,
    batch_size=6,
    learning_rate=1e-2,
)
