"""Trained networks, loaded safely from whatever file they are in.

One file per kind: `keras_file`, `legacy_h5` (which `keras2` repairs) and `saved_model`; `model` is what they become.
"""

from __future__ import annotations

from pathlib import Path

from ...edge.errors import InputError
from ...workstation import keras_archive
from ..network_files import LEGACY_SUFFIXES, SAVED_MODEL, is_model
from . import keras_file, legacy_h5, saved_model
from .bounds import check_batch
from .keras_file import load
from .model import INPUT_NAME, Network, as_function, freeze, of_keras

__all__ = [
    "INPUT_NAME",
    "Network",
    "as_function",
    "freeze",
    "is_model",
    "load",
    "of_keras",
    "open_network",
]


def open_network(path: Path, *, trust: bool = False) -> Network:
    """Load a network of any kind.

    Args:
        path: a `.keras` or `.h5` file, or the folder of a SavedModel.
        trust: load what holds more than Keras' own layers, or than operators that compute.

    Raises:
        InputError: it is none of these, is damaged, or cannot be taken as a network of one input and one output.
    """
    network = _opened(path, trust=trust)
    check_batch(network.batch, network.input_shape, path)
    return network


def _opened(path: Path, *, trust: bool) -> Network:
    try:
        if path.suffix == keras_archive.SUFFIX:
            return of_keras(*keras_file.open_keras(path, trust=trust))
        if path.suffix in LEGACY_SUFFIXES:
            return of_keras(*legacy_h5.load(path, trust=trust))
    except InputError as error:
        # What is wrong with a network's shape is found where its file is not known any more.
        raise error if str(path) in str(error) or path.name in str(error) else InputError(f"{error}: {path}") from error
    if (path / SAVED_MODEL).is_file():
        return saved_model.load(path, trust=trust)
    raise InputError(f"expected a .keras or .h5 file or a SavedModel's folder, received {path}")
