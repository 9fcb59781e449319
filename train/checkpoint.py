"""The state of a training between two epochs, in one file: killed at any moment, it goes on as if it never stopped.

Keras' own formats leave out what the random layers have drawn so far, so that Dropout goes on differently; here every
variable of the network and its optimizer is kept as it is.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from ..edge import typed_json
from ..edge.atomic import replacing
from ..edge.errors import InputError

_STATE = "state"
# What numpy and the zip module raise for files that are damaged in one way or another, or are no archive at all.
_UNREADABLE = (OSError, ValueError, KeyError, TypeError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error)


@dataclass(frozen=True)
class State:
    """How far a training is: one value per epoch in `history`, and the `settings` that make it this training."""

    settings: dict[str, str]
    history: dict[str, tuple[float, ...]] = field(default_factory=dict)

    @property
    def epochs(self) -> int:
        """How many epochs are done."""
        return len(next(iter(self.history.values()), ()))


Arrays = list[NDArray[Any]]


def save(path: Path, trainer: keras.Model, state: State, best: Arrays | None) -> None:
    """Write the state of a compiled network that is being trained, whole or not at all.

    Args:
        path: the file.
        trainer: the network; its optimizer belongs to it.
        state: what is known beside the variables.
        best: the weights of the best epoch so far, where the training may go back to them.
    """
    arrays = {f"variable-{index}": np.asarray(value) for index, value in enumerate(_variables(trainer))}
    arrays |= {f"best-{index}": value for index, value in enumerate(best or [])}
    text = np.frombuffer(json.dumps(typed_json.to_plain(state)).encode(), np.uint8)
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, **{_STATE: text}, **arrays)


def restore(path: Path, trainer: keras.Model, settings: Mapping[str, str]) -> tuple[State, Arrays | None]:
    """Bring a network back to where a training was ended.

    Args:
        path: the file.
        trainer: the same network, built and compiled anew.
        settings: what this training is; the file's must be the same.

    Returns:
        The state, and the weights of the best epoch where the file holds them.

    Raises:
        InputError: the file is damaged, or belongs to another training.
    """
    try:
        # Opened here, because np.load leaves a damaged file open.
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            state = typed_json.loads(State, file[_STATE].tobytes(), str(path))
            _require_same(state.settings, settings, path)
            variables = _variables(trainer)
            values = [file[f"variable-{index}"] for index in range(len(variables))]
            best = [file[f"best-{index}"] for index in range(sum(name.startswith("best-") for name in file.files))]
    except _UNREADABLE as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(f"expected a checkpoint, received {reason}: {path}; pass --overwrite to begin anew") from error
    for variable, value in zip(variables, values, strict=True):
        if tuple(variable.shape) != value.shape:
            raise InputError(f"expected {variable.path} of {tuple(variable.shape)}, received {value.shape}: {path}")
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
    return state, best or None


def _variables(trainer: keras.Model) -> list[Any]:
    """List what a training changes: weights, what random layers have drawn, and the optimizer's own."""
    if not trainer.optimizer.built:  # the one for float16 would begin anew, with two more variables each time
        trainer.optimizer.build(trainer.trainable_variables)
    counted = {id(variable) for variable in trainer.metrics_variables}  # begun anew in each epoch
    return [*(value for value in trainer.variables if id(value) not in counted), *trainer.optimizer.variables]


def _require_same(kept: Mapping[str, str], wanted: Mapping[str, str], path: Path) -> None:
    different = sorted(name for name in {*kept, *wanted} if kept.get(name) != wanted.get(name))
    if different:
        name = different[0]
        raise InputError(
            f"expected the training that was begun, with {name} {kept.get(name, 'unset')}, "
            f"received {wanted.get(name, 'unset')}: {path}; pass the same options, or --overwrite to begin anew"
        )
