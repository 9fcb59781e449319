"""Fashion-MNIST, as Keras brings it."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import redirect_stdout
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...edge.console import Console
from ...edge.errors import InputError, missing_package
from ...edge.native_noise import muted
from .arrays import ArrayRows, side_of
from .labels import FASHION_MNIST, names_of
from .source import TRAIN, VALIDATION, Source, fingerprint

NAME = "fashion-mnist"


def open_keras(console: Console) -> Source:
    """Get Fashion-MNIST through `keras.datasets.fashion_mnist`, from its cache or else from the network.

    Raises:
        InputError: Keras is missing, or the files can neither be downloaded nor read.
    """
    try:
        with muted():
            from keras.datasets import fashion_mnist
    except ImportError as error:
        raise missing_package("keras", "train") from error
    console.say("getting Fashion-MNIST through Keras, which keeps it in its cache …")
    try:
        # Keras prints its progress to standard output, which is for results.
        with redirect_stdout(io.StringIO() if console.quiet else console.stream):
            arrays = dict(zip((TRAIN, VALIDATION), fashion_mnist.load_data(), strict=True))
    except Exception as error:  # Keras raises Exception itself for a failed download, and numpy's for damaged files
        raise InputError(
            f"expected Fashion-MNIST from Keras, received {' '.join(str(error).split()) or type(error).__name__}; pass "
            "--data with a folder that holds train-images-idx3-ubyte.gz and its three companions, or empty Keras' "
            "cache (~/.keras/datasets/fashion-mnist) and try again"
        ) from error
    names = names_of((y for _, y in arrays.values()), FASHION_MNIST, NAME)
    digests = [hashlib.sha256(array.tobytes()).hexdigest() for pair in arrays.values() for array in pair]
    return Source(NAME, fingerprint(*digests), {side: side_of(_rows(x), y, names) for side, (x, y) in arrays.items()})


def _rows(x: NDArray[Any]) -> ArrayRows:
    def rows() -> Iterator[NDArray[np.uint8]]:
        yield from x

    return rows
