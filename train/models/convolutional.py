"""The article's convolutional network, shared by its models of real pictures."""

from __future__ import annotations

from keras import layers

from ...edge.contract import ImageInput, ModelOutput
from .layers import answers, blocks, pooled, refuse_backbone, sequence
from .recipe import Choices, Head, Network

_FILTERS = (16, 32, 64)
_HIDDEN = 512


def convolutional(spec: ImageInput, output: ModelOutput, choices: Choices) -> Network:
    """Build 16-32-64 convolutions of 3×3, each with 2×2 max pooling, then a dense layer of 512.

    Source: the article's horses-or-humans network, which its larger models follow.

    Raises:
        InputError: the pictures are too small, or a choice does not fit.
    """
    refuse_backbone("a network without one", choices)
    hidden = layers.Dense(_HIDDEN, activation="relu")
    parts = [*blocks(_FILTERS), pooled(choices.head or Head.FLATTEN), hidden, answers(output)]
    return Network(sequence(spec, parts))
