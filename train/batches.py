"""Batches for Keras, from pixels that were decoded once."""

from __future__ import annotations

import keras
import numpy as np
from numpy.typing import NDArray

from ..edge.contract import ImageInput
from ..edge.pixel_set import PixelSet
from ..edge.preprocess import to_real
from .augmentation import Augmentation


class Batches(keras.utils.PyDataset):  # type: ignore[misc]  # Keras has no types
    """Gives (pictures, labels): float32 (n, height, width, channels) in the input's range, and int64 (n,).

    Each epoch goes through all pictures once; with a `seed`, in an order of its own, and augmented where asked for.
    """

    def __init__(
        self,
        pixels: PixelSet,
        spec: ImageInput,
        batch_size: int,
        seed: int | None = None,
        augmentation: Augmentation | None = None,
    ) -> None:
        super().__init__()
        self._pixels, self._spec, self._batch_size = pixels, spec, batch_size
        self._seed, self._augmentation = seed, augmentation
        self._epoch = -1
        self.on_epoch_end()

    def __len__(self) -> int:
        """Count the batches of an epoch."""
        return -(-len(self._pixels) // self._batch_size)

    def __getitem__(self, index: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Make one batch."""
        chosen = self._order[index * self._batch_size : (index + 1) * self._batch_size]
        pictures = self._pixels.pixels[chosen]
        if self._augmentation is not None and self._seed is not None:
            # Chance hangs on the batch, not on which thread asked first, so that two runs are equal.
            pictures = self._augmentation.apply(pictures, np.random.default_rng((self._seed, self._epoch, index)))
        return to_real(pictures, self._spec), self._pixels.labels[chosen]

    def on_epoch_end(self) -> None:
        """Draw the order of the next epoch."""
        self._epoch += 1
        count = len(self._pixels)
        self._order = (
            np.arange(count)
            if self._seed is None
            else np.random.default_rng((self._seed, self._epoch)).permutation(count)
        )
