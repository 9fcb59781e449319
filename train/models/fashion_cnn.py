"""Fashion-MNIST, convolutional: the article's first convolutions.

Source: the article's section on convolutions, and the course's notebook on improving Fashion-MNIST with them.
"""

from dataclasses import replace

from ...edge.contract import ImageInput, ModelOutput
from . import fashion_dense
from .choices import Choices, Head
from .convolutional import stacked
from .layers import refuse_backbone
from .recipe import Network

_FILTERS = (64, 64)
_HIDDEN = 128


def build(spec: ImageInput, output: ModelOutput, choices: Choices) -> Network:
    """Build two convolutions of 64 with pooling, a dense layer of 128, and one unit per class.

    Raises:
        InputError: the pictures are too small, or a choice does not fit.
    """
    refuse_backbone("fashion-cnn", choices)
    return stacked(spec, output, choices.head or Head.FLATTEN, _FILTERS, _HIDDEN)


RECIPE = replace(fashion_dense.RECIPE, name="fashion-cnn", build=build)
