"""Batches in the form in which Keras takes them without waiting."""

from __future__ import annotations

from typing import Any

import keras

from .batches import Batches

_AHEAD = 2  # batches that are made while the step runs


def fed(batches: Batches) -> Any:
    """Give batches to a fit: as a tf.data.Dataset on TensorFlow, as they are elsewhere.

    Keras makes a dataset of them too, but lets TensorFlow tune it: the tuner's thread sleeps for up to a second or two,
    and each epoch, of training and of validation, ends by waiting for it.
    """
    if keras.backend.backend() != "tensorflow":
        return batches
    import tensorflow as tf

    signature = tuple(tf.TensorSpec((None, *part.shape[1:]), part.dtype) for part in batches[0])
    dataset = tf.data.Dataset.from_generator(
        lambda: (batches[index] for index in range(len(batches))), output_signature=signature
    )
    options = tf.data.Options()
    options.autotune.enabled = False
    # Every device gets its share of each batch, not batches of its own.
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
    count = tf.data.experimental.assert_cardinality(len(batches))
    return dataset.apply(count).prefetch(_AHEAD).with_options(options)
