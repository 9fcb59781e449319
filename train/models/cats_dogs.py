"""Cats and dogs: the article's binary network on a larger set.

Source: the article's sections on cats and dogs, without and with augmentation, and the course's notebooks of the same.
The article feeds it with ImageDataGenerator and `fit_generator`, both of which Keras has given up; `Batches` and `fit`
stand in their place.
"""

from ...edge.contract import Activation, ImageInput
from .convolutional import convolutional
from .recipe import PictureRecipe

RECIPE = PictureRecipe(
    name="cats-dogs",
    input=ImageInput(height=150, width=150, channels=3),
    build=convolutional,
    two_classes=Activation.SIGMOID,
    epochs=10,
    batch_size=20,
    learning_rate=1e-3,
)
