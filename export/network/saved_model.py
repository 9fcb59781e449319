"""SavedModels: a graph of TensorFlow's operators, looked through before any of it runs."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import tensorflow as tf
from google.protobuf.message import DecodeError
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

from ...edge.errors import InputError
from ..network_files import SAVED_MODEL
from . import operators
from .model import Network

_SIGNATURE = "serving_default"
_UNLOADABLE = (OSError, ValueError, TypeError, KeyError, RuntimeError, AttributeError, tf.errors.OpError)


def load(folder: Path, *, trust: bool = False) -> Network:
    """Load the signature `serving_default` of a SavedModel.

    Args:
        folder: holds saved_model.pb and variables/.
        trust: load graphs whose operators do more than compute; they could read and write files.

    Raises:
        InputError: the SavedModel is damaged, has such operators, or its signature has not one float32 input and one
            float32 output.
    """
    if not trust:
        _inspect(folder)
    try:
        loaded = tf.saved_model.load(str(folder))
        signature = loaded.signatures.get(_SIGNATURE)
    except _UNLOADABLE as error:
        reason = ascii(" ".join(str(error).split())[:200])[1:-1]
        raise InputError(f"expected a SavedModel that loads, received {reason}: {folder}") from error
    if signature is None:
        names = ", ".join(loaded.signatures) or "none"
        raise InputError(
            f"expected the signature {_SIGNATURE!r}, received {names}: {folder}; save it with model.export(FOLDER)"
        )
    return _network(signature, loaded, folder)


def _inspect(folder: Path) -> None:
    saved = SavedModel()
    try:
        saved.ParseFromString((folder / SAVED_MODEL).read_bytes())
    except DecodeError as error:
        raise InputError(f"expected a SavedModel, received a {SAVED_MODEL} that does not read: {folder}") from error
    if not saved.meta_graphs:
        raise InputError(f"expected a SavedModel, received a {SAVED_MODEL} without a graph: {folder}")
    for graph in saved.meta_graphs:
        found = operators.strangers(graph)
        if found:
            raise InputError(
                f"expected operators that compute, received {', '.join(found)[:120]}: {folder}; "
                "pass --trust if you know where it comes from"
            )


def _network(signature: Any, loaded: Any, folder: Path) -> Network:
    inputs, outputs = signature.structured_input_signature[1], signature.structured_outputs
    name, given = _only("input", inputs, folder)
    key, answer = _only("output", outputs, folder)
    if given.shape.rank is None:
        raise InputError(f"expected an input of a known number of dimensions, received any: {folder}")
    batch, *shape = given.shape.as_list()
    rank = answer.shape.rank
    return Network(
        call=lambda x: signature(**{name: x})[key],
        input_shape=tuple(shape),
        output_shape=(None,) if rank is None else tuple(answer.shape.as_list()[1:]),
        batch=batch,
        parameters=sum(math.prod(variable.shape) for variable in signature.variables),
        activation=None,
        source=loaded,
    )


def _only(what: str, tensors: dict[str, Any], folder: Path) -> tuple[str, Any]:
    if len(tensors) != 1:
        listed = ", ".join(f"{name} {tuple(spec.shape)}" for name, spec in sorted(tensors.items()))
        raise InputError(
            f"expected one {what} of {_SIGNATURE}, received {len(tensors)} ({listed[:160]}): {folder}; "
            f"export a model that has one"
        )
    ((name, spec),) = tensors.items()
    if spec.dtype != tf.float32:
        raise InputError(f"expected an {what} of float32, received {spec.dtype.name}: {folder}; export one of floats")
    return name, spec
