"""Cats and dogs: the article's binary network."""

import keras

from ...edge.contract import Activation, ImageInput
from ...edge.errors import InputError
from .convolutional import convolutional
from .recipe import PictureRecipe


def build(spec: ImageInput, classes: int) -> keras.Model:
    """Build the network with one sigmoid unit, the score of the second class.

    Source: the article's section on cats and dogs.

    Raises:
        InputError: there are not exactly two classes.
    """
    if classes != 2:
        raise InputError(f"expected 2 class folders for cats-dogs, received {classes}; rps takes any number")
    return convolutional(spec, 1, "sigmoid")


RECIPE = PictureRecipe(
    name="cats-dogs",
    input=ImageInput(height=150, width=150, channels=3),
    build=build,
    activation=Activation.SIGMOID,
    epochs=10,
    batch_size=20,
    learning_rate=1e-3,
)
