"""Rock, paper, scissors: the article's multi-class network.

Source: the article's section on multi-class classification, and the course's rock-paper-scissors notebook.
"""

from ...edge.contract import Activation, ImageInput
from ..augmentation import LIGHT
from .convolutional import convolutional
from .recipe import PictureRecipe

RECIPE = PictureRecipe(
    name="rps",
    input=ImageInput(height=150, width=150, channels=3),
    build=convolutional,
    two_classes=Activation.SOFTMAX,
    epochs=14,
    batch_size=32,
    learning_rate=1e-3,
    # Without any, the network learns 1,750 photos by heart and stops at 96 %.
    augmentation=LIGHT,
)
