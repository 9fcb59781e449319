"""A frozen backbone's features: computed once, instead of once in each epoch."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np

from ..edge.console import Console
from ..edge.contract import ImageInput
from .pixels import Side
from .rows import make_rows
from .scaling import on_pixels

_BATCH = 32


def of_side(backbone: keras.Model, side: Side, spec: ImageInput, room: Path, console: Console) -> Side:
    """Give the samples as the head takes them: float32 rows of the backbone's output shape.

    This is exact for a frozen network on pictures that are the same in each epoch.

    Args:
        backbone: the frozen network; float32 (n, *spec.shape) → (n, …).
        side: uint8 pictures.
        spec: the network's input.
        room: a folder on a disk with room for the features.
        console: where progress goes.
    """
    rows = make_rows(len(side), backbone.output_shape[1:], np.float32, room)
    network = on_pixels(backbone, spec)
    with console.progress("computing features", len(side)) as progress:
        for start in range(0, len(side), _BATCH):
            indices = np.arange(start, min(start + _BATCH, len(side)))
            features = np.asarray(network.predict_on_batch(side.rows.take(indices)), np.float32)
            for index, row in zip(indices, features, strict=True):
                rows.write(int(index), row)
            progress.advance(len(indices))
    return replace(side, rows=rows)
