"""What stands around a network while it is trained: the network itself stays uncompiled, and is kept as it is.

Pixels are scaled on the accelerator: a quarter of the bytes have to get there.
"""

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


def on_features(head: keras.Model) -> keras.Model:
    """Wrap a head, float32 (n, …) → (n, units), to be trained on features; the weights are shared.

    A head that is compiled itself would take its optimizer along into the file of the whole network.
    """
    return keras.Sequential([keras.Input(head.input_shape[1:]), head])
