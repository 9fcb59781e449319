"""Networks of Keras 2."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

import legacy
from legacy import keras, layers


def stack() -> Any:
    """Everything that a plain network is made of."""
    return keras.Sequential(
        [
            layers.Conv2D(8, 3, padding="same", use_bias=False, input_shape=(16, 16, 3)),
            layers.BatchNormalization(),
            layers.ReLU(6.0),
            layers.DepthwiseConv2D(3, strides=2, padding="same"),
            layers.LeakyReLU(0.1),
            layers.SeparableConv2D(12, 3, activation="relu"),
            layers.PReLU(shared_axes=[1, 2]),
            layers.ThresholdedReLU(0.1),
            layers.MaxPooling2D(),
            layers.Dropout(0.5),
            layers.Conv2DTranspose(4, 2, strides=2),
            layers.Flatten(),
            layers.Dense(5, activation="hard_sigmoid"),
            layers.LayerNormalization(),
            layers.Dense(3, activation="softmax"),
        ]
    )


def skip() -> Any:
    """Branches, a layer that is used twice, and names with a slash."""
    inputs = keras.Input((12, 12, 3))
    shared = layers.Conv2D(3, 3, padding="same", activation="tanh", name="twice/used")
    tensor = shared(shared(inputs))
    left = layers.Conv2D(3, 1, name="left/conv")(tensor)
    right = layers.Conv2D(3, 1, name="right/conv")(tensor)
    tensor = layers.Add()([left, layers.Multiply()([right, inputs])])
    tensor = layers.Concatenate()([tensor, left])
    return keras.Model(inputs, layers.Dense(4)(layers.GlobalMaxPooling2D()(tensor)))


def operations() -> Any:
    """Arithmetic between layers, with numbers and tensors on either side."""
    inputs = keras.Input((8, 8, 3))
    tensor = 1.0 - (inputs / 127.5 - 1.0)
    tensor = tf.nn.bias_add(-tensor[..., ::-1], [0.1, 0.2, 0.3])
    tensor = tf.nn.relu6(tensor + 3) * (1 / 6)
    gate = layers.Conv2D(3, 1, activation="sigmoid")(tf.cast(tensor, tf.float32))
    tensor = tf.clip_by_value(tensor * gate, 0.01, 0.4)
    tensor = tf.reshape(tf.reduce_mean(tensor, [1, 2]), [-1, 3])
    return keras.Model(inputs, layers.Dense(2)(tf.concat([tensor, tf.nn.softmax(tensor)], -1)))


def normalized() -> Any:
    """Statistics that are weights, and layers that only training needs."""
    return keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            layers.RandomFlip(),
            layers.RandomRotation(0.1),
            layers.RandomHeight(0.1),
            layers.Resizing(8, 8),
            layers.Rescaling(1 / 127.5, offset=-1),
            layers.Normalization(),
            layers.Conv2D(4, 3),
            layers.GlobalAveragePooling2D(keepdims=True),
            layers.Flatten(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def transferred(frozen: int) -> Any:
    """A network within a network, called without training, of which the first layers were not trained."""
    base = keras.applications.MobileNetV2((32, 32, 3), alpha=0.35, include_top=False, weights=None)
    base.trainable = frozen == 0
    for layer in base.layers[frozen:]:
        layer.trainable = True
    inputs = keras.Input((32, 32, 3))
    tensor = keras.applications.mobilenet_v2.preprocess_input(inputs)
    tensor = layers.GlobalAveragePooling2D()(base(tensor, training=False))
    return keras.Model(inputs, layers.Dense(3, activation="softmax")(layers.Dropout(0.2)(tensor)))


def nested() -> Any:
    """A Sequential within a Functional, where node numbers of Keras 2 and 3 differ."""
    inputs = keras.Input((8, 8, 3))
    inner = keras.Sequential([layers.Conv2D(4, 3, input_shape=(8, 8, 3)), layers.BatchNormalization()])
    return keras.Model(inputs, layers.Dense(2)(layers.Flatten()(inner(inputs, training=False))))


def ended_by_a_model() -> Any:
    inputs = keras.Input((8, 8, 3))
    features = keras.Input((5,))
    head = keras.Model(features, layers.Dense(3, activation="softmax")(features))
    return keras.Model(inputs, head(layers.Dense(5)(layers.Flatten()(inputs))))


MODELS: dict[str, Callable[[], Any]] = {
    "teachable": lambda: legacy.teachable(
        keras.applications.MobileNet((96, 96, 3), alpha=0.35, include_top=False, weights=None)
    ),
    "mobilenet v3": lambda: keras.applications.MobileNetV3Small((32, 32, 3), weights=None, classes=4),
    "stack": stack,
    "skip": skip,
    "operations": operations,
    "normalized": normalized,
    "transferred": lambda: transferred(0),
    "nested": nested,
    "ended by a model": ended_by_a_model,
}
