"""Batches for Keras, from samples that were computed once."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from .augmentation import Augmentation, thread_pool
from .rows import Rows


class Batches(keras.utils.PyDataset):  # type: ignore[misc]  # Keras has no types
    """Gives (samples, labels): the rows as they are, uint8 pictures say, and int64 (n,).

    Pictures stay uint8 until they are on the accelerator: a quarter of the bytes to move, and no time for scaling here.

    Each epoch goes through all samples once; with a `seed`, in an order of its own, and augmented where asked for.
    What a batch holds hangs on the seed, the epoch and its index only. Of several workers each takes its `part`,
    (index, count), of every batch.
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
    ) -> None:
        super().__init__()
        self._rows, self._labels, self._batch_size = rows, labels, batch_size
        self._seed, self._augmentation, self._part = seed, augmentation, part
        self._pool = thread_pool() if augmentation else None
        self.start(0)

    def __len__(self) -> int:
        """Count the batches of an epoch."""
        return -(-len(self._rows) // self._batch_size)

    def __getitem__(self, index: int) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """Make one batch."""
        chosen = self._order[index * self._batch_size : (index + 1) * self._batch_size]
        worker, workers = self._part
        samples = self._rows.take(chosen[worker::workers])
        if self._augmentation is not None and self._seed is not None:
            # Chance hangs on the batch, not on which thread asked first, so that two runs are equal.
            rng = np.random.default_rng((self._seed, self._epoch, index, worker))
            samples = self._augmentation.apply(samples, rng, self._pool)
        return samples, self._labels[chosen[worker::workers]]

    def on_epoch_end(self) -> None:
        """Draw the order of the next epoch."""
        self.start(self._epoch + 1)

    def start(self, epoch: int) -> None:
        """Draw the order of an epoch, counted from 0."""
        self._epoch = epoch
        count = len(self._rows)
        self._order = (
            np.arange(count) if self._seed is None else np.random.default_rng((self._seed, epoch)).permutation(count)
        )
