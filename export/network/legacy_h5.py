"""Whole models in HDF5, as Keras 2 and `model.save("name.h5")` write them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import keras
from keras import ops

from ...edge.errors import InputError
from ...workstation import hdf5, keras_archive
from . import keras2
from .bounds import OUT_OF_MEMORY, bounded_weights, check_answers
from .keras2 import Repaired
from .placement import leaves, place

_NEW = "3."  # the versions of Keras whose configs need no repair
_UNBUILDABLE = (
    *(ValueError, TypeError, KeyError, IndexError, AttributeError, RuntimeError, RecursionError),
    *OUT_OF_MEMORY,
)
_MAGIC = b"\x89HDF\r\n\x1a\n"


def load(path: Path, *, trust: bool = False) -> tuple[keras.Model, tuple[str, ...]]:
    """Build the model of an .h5 file and give it the file's weights.

    The config is repaired where it is of Keras 2, inspected unless the file is to be trusted, and built in Keras' safe
    mode. The weights are read without Keras; every one is used, and every one of the model's is set, bit by bit.

    Returns:
        The model, and what was repaired, in words.

    Raises:
        InputError: the file is damaged, is no whole model, holds what is not Keras' own, or its weights do not fit.
    """
    repaired = _repaired(_config(path), path)
    if not trust:
        keras_archive.inspect_config(json.dumps(repaired.config), path.name)
    model = build(repaired, path)
    with hdf5.opened(path, path) as stored:
        place(model, stored, repaired.names, path)
    return model, repaired.changes


def _config(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise InputError(f"expected a model file, received none: {path}")
    with path.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            raise InputError(f"expected an HDF5 file, received something else: {path}; was its download cut short?")
    text = hdf5.attribute(path, "model_config")
    if text is None:
        raise InputError(f"expected a whole model, received weights alone: {path}; save it with model.save('name.h5')")
    try:
        config = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"expected a model's config as JSON, received none that parses ({error}): {path}") from error
    if not isinstance(config, dict) or not isinstance(config.get("config"), (dict, list)):
        raise InputError(f"expected a model's config, received something else: {path}; save the model anew")
    return config


def _repaired(config: dict[str, Any], path: Path) -> Repaired:
    if (hdf5.attribute(path, "keras_version") or "").startswith(_NEW):
        return Repaired(config, (), {}, keras2=False)
    try:
        return keras2.repair(config)
    except RecursionError as error:
        raise InputError(f"expected a model's config, received one nested without end: {path}") from error
    except InputError as error:
        raise InputError(f"{error}: {path}") from error


def build(repaired: Repaired, path: Path) -> keras.Model:
    """Build the model of a repaired config, with weights as they begin.

    Raises:
        InputError: Keras cannot build it, or its input's size is not known.
    """
    kind = keras.Sequential if repaired.config["class_name"] == "Sequential" else keras.Model
    try:
        with bounded_weights(path):
            model = kind.from_config(repaired.config["config"])  # in safe mode, as long as nobody ends it
    except _UNBUILDABLE as error:
        said = " ".join(str(error).split()).rpartition("Exception encountered: ")[2]
        reason = ascii(said[:200])[1:-1]
        raise InputError(f"expected a model that Keras 3 builds, received {reason}: {path}") from error
    if not model.built:
        raise InputError(f"expected a model that knows the shape of its input, received one without: {path}")
    check_answers(model, path)
    if repaired.keras2:
        _compute_as_keras2(model)
    return model


def _compute_as_keras2(model: keras.Model) -> None:
    """Give layers the functions that had another meaning in Keras 2."""
    for layer in leaves(model):
        for part in (layer, getattr(layer, "cell", None)):
            for name in ("activation", "recurrent_activation"):
                if getattr(part, name, None) is keras.activations.hard_sigmoid:
                    setattr(part, name, hard_sigmoid)


def hard_sigmoid(x: Any) -> Any:
    """Compute what Keras 2 called so, x / 5 + 1/2 within [0, 1]; in Keras 3 it is x / 6 + 1/2."""
    return ops.clip(x * 0.2 + 0.5, 0.0, 1.0)
