"""Horses or humans: the article's first network on real pictures.

Source: the article's section on horses and humans, and the course's notebook, where the pictures are 300×300.
"""

from ...edge.contract import Activation, ImageInput
from .convolutional import convolutional
from .recipe import PictureRecipe

RECIPE = PictureRecipe(
    name="horses-humans",
    input=ImageInput(height=300, width=300, channels=3),
    build=convolutional,
    two_classes=Activation.SIGMOID,
    epochs=15,
    batch_size=128,
    learning_rate=1e-3,
)
