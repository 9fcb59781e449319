"""Transfer: a small head on a frozen backbone that was trained by others.

Source: the article's section on transfer learning, and the course's notebook, for InceptionV3 cut at `mixed7`;
MobileNetV2 and MobileNetV3Small are what a small device runs in their place.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import keras
from keras import layers

from ...edge.contract import Activation, ImageInput, ModelOutput
from ...edge.errors import InputError
from .. import weights
from .choices import Choices, Head
from .layers import answers, pooled
from .recipe import Network, PictureRecipe

IMAGENET = "imagenet"
INCEPTION = "inception-v3"  # what is taken where no one says
_HIDDEN = 1024
_DROPOUT = 0.2


@dataclass(frozen=True)
class _Backbone:
    """How to build a network without its top, where to cut it, and the pixel range of Keras' own weights for it."""

    make: Callable[..., keras.Model]
    cut: str | None
    smallest: int
    range: tuple[float, float] = (-1.0, 1.0)


_BACKBONES = {
    INCEPTION: _Backbone(keras.applications.InceptionV3, "mixed7", 75),
    "mobilenet-v2": _Backbone(keras.applications.MobileNetV2, None, 32),
    "mobilenet-v3-small": _Backbone(
        # Its own rescaling would be a second one, behind ours.
        lambda **options: keras.applications.MobileNetV3Small(include_preprocessing=False, **options),
        None,
        32,
    ),
}
BACKBONES = tuple(_BACKBONES)


def build(spec: ImageInput, output: ModelOutput, choices: Choices) -> Network:
    """Build the frozen backbone, the head's vector, a dense layer of 1024, dropout of 0.2, and the answers.

    Raises:
        InputError: the backbone, its weights or the size of the pictures cannot be used.
    """
    name = choices.backbone or INCEPTION
    if name not in _BACKBONES:
        raise InputError(f"expected a backbone of {', '.join(BACKBONES)}, received {name!r}")
    if choices.weights is None:
        raise InputError(f"expected --weights imagenet or --weights FILE for {name}, received none")
    # With `gap` the average is part of the frozen side: what is cached is then a vector instead of a feature map.
    gap = choices.head is Head.GAP
    backbone = _frozen(name, spec, choices, averaged=gap)
    vector = [] if gap else [pooled(Head.FLATTEN)]
    head = keras.Sequential(
        [
            keras.Input(backbone.output_shape[1:]),
            *vector,
            layers.Dense(_HIDDEN, activation="relu"),
            layers.Dropout(_DROPOUT),
            answers(output),
        ]
    )
    inputs = keras.Input(spec.shape)
    return Network(keras.Model(inputs, head(backbone(inputs))), backbone, head)


def _frozen(name: str, spec: ImageInput, choices: Choices, *, averaged: bool) -> keras.Model:
    chosen = _BACKBONES[name]
    if spec.channels != 3 or min(spec.height, spec.width) < chosen.smallest:
        raise InputError(
            f"expected colour pictures of at least {chosen.smallest} pixels for {name}, "
            f"received {spec.height}×{spec.width}×{spec.channels}"
        )
    network = _weighted(chosen, spec, choices)
    network.trainable = False
    # The article feeds [0, 1] to weights of either kind; Keras' own were trained with [−1, 1].
    low, high = choices.weights_range or (chosen.range if choices.weights == IMAGENET else spec.range)
    scale = (high - low) / (spec.range[1] - spec.range[0])
    steps: list[layers.Layer] = []
    if (low, high) != spec.range:
        steps.append(layers.Rescaling(scale, low - scale * spec.range[0]))
    steps.append(network)
    if averaged:
        steps.append(pooled(Head.GAP))
    backbone = keras.Sequential([keras.Input(spec.shape), *steps], name="backbone")
    backbone.trainable = False
    return backbone


def _weighted(chosen: _Backbone, spec: ImageInput, choices: Choices) -> keras.Model:
    source = choices.weights
    if source == IMAGENET:
        try:
            # Keras prints its progress to standard output, which is for results, and warns that there are no weights
            # for just this size, which no convolution needs.
            with redirect_stdout(sys.stderr), warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)
                return _cut(chosen.make(include_top=False, weights=IMAGENET, input_shape=spec.shape), chosen)
        except Exception as error:
            # Keras raises a plain Exception where a download fails.
            reason = " ".join(str(error).split())[:200]
            raise InputError(
                f"expected to download weights, received {reason}; pass --weights FILE with a local file"
            ) from error
    network = _cut(chosen.make(include_top=False, weights=None, input_shape=spec.shape), chosen)
    weights.load(network, Path(str(source)), trust=choices.trust)
    return network


def _cut(network: keras.Model, chosen: _Backbone) -> keras.Model:
    if chosen.cut is None:
        return network
    return keras.Model(network.input, network.get_layer(chosen.cut).output, name=network.name)


RECIPE = PictureRecipe(
    name="transfer",
    input=ImageInput(height=150, width=150, channels=3),
    build=build,
    two_classes=Activation.SIGMOID,
    epochs=20,
    batch_size=20,
    learning_rate=1e-4,
)
