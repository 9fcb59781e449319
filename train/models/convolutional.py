"""The article's convolutional networks: one for its real pictures, and what that shares with Fashion-MNIST's."""

from __future__ import annotations

from collections.abc import Sequence

from keras import layers

from ...edge.contract import ImageInput, ModelOutput
from .choices import Choices, Head
from .layers import answers, blocks, pooled, refuse_backbone, sequence
from .recipe import Network

_FILTERS = (16, 32, 64)
_HIDDEN = 512


def convolutional(spec: ImageInput, output: ModelOutput, choices: Choices) -> Network:
    """Build 16-32-64 convolutions of 3×3, each with 2×2 max pooling, then a dense layer of 512.

    Source: the article's horses-or-humans network, which its larger models follow.

    Raises:
        InputError: the pictures are too small, or a choice does not fit.
    """
    refuse_backbone("a network without one", choices)
    return stacked(spec, output, choices.head or Head.FLATTEN, _FILTERS, _HIDDEN)


def stacked(spec: ImageInput, output: ModelOutput, head: Head, filters: Sequence[int], hidden: int) -> Network:
    """Build convolutions of 3×3 with so many filters, each with 2×2 max pooling, then a dense layer of `hidden`.

    Raises:
        InputError: the pictures are too small.
    """
    dense = layers.Dense(hidden, activation="relu")
    return Network(sequence(spec, [*blocks(filters), pooled(head), dense, answers(output)]))
