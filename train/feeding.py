"""Batches in the form in which Keras takes them without waiting."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import cv2
import keras

from .batches import Batch, Batches

_THREADS = min(8, os.cpu_count() or 1)  # beyond which they wait for Python's lock, not for a core
_AHEAD = 2  # batches that TensorFlow holds while the step runs


def ahead(batches: Batches) -> Iterator[Batch]:
    """Give the batches in their order, several of which are made side by side before they are asked for.

    A thread makes a whole batch: numpy and OpenCV release Python's lock meanwhile, and a single picture takes less time
    than handing it over.
    """
    # OpenCV's own threads would share out one small picture, and spin while they wait for the next, on cores that the
    # training step needs.
    cv2.setNumThreads(1)
    coming: deque[Future[Batch]] = deque()
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="batches") as pool:
        for index in range(len(batches)):
            coming.append(pool.submit(batches.__getitem__, index))
            if len(coming) > _THREADS:
                yield coming.popleft().result()
        while coming:
            yield coming.popleft().result()


def fed(batches: Batches) -> Any:
    """Give batches to a fit: as a tf.data.Dataset on TensorFlow, as a PyDataset elsewhere.

    Keras makes a dataset of that too, but lets TensorFlow tune it: the tuner's thread sleeps for up to a second or two,
    and each epoch, of training and of validation, ends by waiting for it.
    """
    if keras.backend.backend() != "tensorflow":
        return _InOrder(batches)
    import tensorflow as tf

    signature = tuple(tf.TensorSpec((None, *part.shape[1:]), part.dtype) for part in batches[0])
    dataset = tf.data.Dataset.from_generator(lambda: ahead(batches), output_signature=signature)
    options = tf.data.Options()
    options.autotune.enabled = False
    # Every device gets its share of each batch, not batches of its own.
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
    count = tf.data.experimental.assert_cardinality(len(batches))
    return dataset.apply(count).prefetch(_AHEAD).with_options(options)


class _InOrder(keras.utils.PyDataset):  # type: ignore[misc]  # Keras has no types
    """What is made ahead, for a fit that asks by index, from 0 on in each epoch."""

    def __init__(self, batches: Batches) -> None:
        super().__init__()
        self._batches = batches
        self._coming: Iterator[Batch] = iter(())

    def __len__(self) -> int:
        return len(self._batches)

    def __getitem__(self, index: int) -> Batch:
        if index == 0:
            self._coming = ahead(self._batches)
        return next(self._coming)
