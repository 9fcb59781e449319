"""Batches for Keras, from samples that were computed once."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from .augmentation import Augmentation, warp
from .buffers import Buffers
from .rows import Rows

Batch = tuple[NDArray[Any], NDArray[np.int32]] | tuple[NDArray[Any], NDArray[np.int32], NDArray[np.float32]]


class Batches(keras.utils.PyDataset):  # type: ignore[misc]  # Keras has no types
    """Gives (samples, labels): the rows as they are, uint8 pictures say, and int32 (n,), the widest that JAX takes.

    Pictures stay uint8 until they are on the accelerator: a quarter of the bytes to move, and no time for scaling here.

    Each epoch goes through all samples once; with a `seed`, in an order of its own, and augmented where asked for.
    What a batch holds hangs on the seed, the epoch and its index only; threads may make several at once. With a
    `part`, (index, count), of several processes, each takes its share of every batch. Where devices share batches, they
    must be `whole`: the last one is filled up with samples that weigh nothing, and weights, float32 (n,), are the third
    of the tuple. They keep the mean over an epoch what it is; the shorter batch counts in proportion, where on one
    device it counts as much as any.
    """

    def __init__(
        self,
        rows: Rows,
        labels: NDArray[np.int64],
        batch_size: int,
        *,
        seed: int | None = None,
        augmentation: Augmentation | None = None,
        part: tuple[int, int] = (0, 1),
        whole: bool = False,
    ) -> None:
        super().__init__()
        self._rows, self._labels, self._batch_size = rows, labels.astype(np.int32), batch_size
        self._seed, self._augmentation, self._part, self._whole = seed, augmentation, part, whole
        self._buffers = Buffers(rows.dtype)
        self.start(0)

    def __len__(self) -> int:
        """Count the batches of an epoch."""
        return -(-len(self._rows) // self._batch_size)

    def __getitem__(self, index: int) -> Batch:
        """Make one batch."""
        chosen = self._order[index * self._batch_size : (index + 1) * self._batch_size]
        if self._whole:
            weights = np.full(len(chosen), len(self) * self._batch_size / len(self._rows), np.float32)
            missing = self._batch_size - len(chosen)
            chosen = np.concatenate([chosen, np.repeat(chosen[:1], missing)])
            weights = np.concatenate([weights, np.zeros(missing, np.float32)])
        mine = slice(self._part[0], None, self._part[1])
        shape = (len(chosen[mine]), *self._rows.shape)
        samples = self._rows.take(chosen[mine], self._buffers.get(shape))
        if self._augmentation is not None and self._seed is not None:
            # Chance hangs on the batch, not on which thread or process made it first, so that two runs are equal.
            rng = np.random.default_rng((self._seed, self._epoch, index))
            matrices = self._augmentation.draw(rng, len(chosen), *samples.shape[1:3])
            samples = warp(samples, matrices[mine], self._buffers.get(shape))
        labels = self._labels[chosen[mine]]
        return (samples, labels, weights[mine]) if self._whole else (samples, labels)

    def start(self, epoch: int) -> None:
        """Draw the order of an epoch, counted from 0.

        Keras' own `on_epoch_end` is no count of epochs: it is called once before the first, resumed or not.
        """
        self._epoch = epoch
        count = len(self._rows)
        self._order = (
            np.arange(count) if self._seed is None else np.random.default_rng((self._seed, epoch)).permutation(count)
        )
