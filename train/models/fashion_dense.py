"""Fashion-MNIST, dense: the article's first classifier.

Source: the article's section on computer vision, and the course's Fashion-MNIST notebook.
"""

from keras import layers

from ...edge.contract import Activation, Color, ImageInput, ModelOutput
from ...edge.errors import InputError
from .choices import Choices, Head
from .layers import answers, refuse_backbone, sequence
from .recipe import Network, Optimizer, PictureRecipe


def build(spec: ImageInput, output: ModelOutput, choices: Choices) -> Network:
    """Build Flatten, a dense layer of 128, and one unit per class.

    Raises:
        InputError: a choice does not fit: there is no feature map to average.
    """
    refuse_backbone("fashion-dense", choices)
    if choices.head is Head.GAP:
        raise InputError("expected --head flatten for fashion-dense, which has no convolutions, received gap")
    return Network(sequence(spec, [layers.Flatten(), layers.Dense(128, activation="relu"), answers(output)]))


RECIPE = PictureRecipe(
    name="fashion-dense",
    input=ImageInput(height=28, width=28, channels=1, color=Color.GRAY),
    build=build,
    two_classes=Activation.SOFTMAX,
    epochs=10,
    batch_size=32,
    learning_rate=1e-3,
    optimizer=Optimizer.ADAM,
    decay=False,
)
