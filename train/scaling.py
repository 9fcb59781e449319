"""From uint8 pixels to the network's own numbers, on the accelerator: a quarter of the bytes have to get there."""

from __future__ import annotations

import keras

from ..edge.contract import ImageInput


def on_pixels(network: keras.Model, spec: ImageInput) -> keras.Model:
    """Put the scaling of pixels before a network; the weights are shared.

    Args:
        network: takes float32 (n, *spec.shape) in `spec.range`.
        spec: the network's input.

    Returns:
        A network that takes uint8 (n, *spec.shape) and computes what `edge.preprocess.to_real` does, to the bit.
    """
    low, high = spec.range
    scaling = keras.layers.Rescaling((high - low) / 255, low, dtype="float32")
    return keras.Sequential([keras.Input(spec.shape, dtype="uint8"), scaling, network])
