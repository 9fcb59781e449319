"""`.keras` files, as Keras 3 saves them and as Keras 2 did."""

from __future__ import annotations

import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras

from ...edge.errors import InputError
from ...workstation import hdf5, keras_archive
from . import keras2, legacy_h5
from .bounds import OUT_OF_MEMORY, bounded_weights, check_answers
from .placement import place_numbered

_METADATA_BYTES = 64 * 1024
_OLD = "2."  # the versions of Keras whose files need repair
_UNLOADABLE = (
    *(ValueError, TypeError, KeyError, IndexError, AttributeError, RuntimeError, RecursionError, OSError),
    *(zipfile.BadZipFile, *OUT_OF_MEMORY),
)
_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=.)(?=[A-Z][a-z])")


def open_keras(path: Path, *, trust: bool = False) -> tuple[keras.Model, tuple[str, ...]]:
    """Load a .keras file of any version.

    Returns:
        The model, and what was repaired, in words.

    Raises:
        InputError: as for `load`, or the weights of a Keras 2 file do not fit its model.
    """
    if not _version(path).startswith(_OLD):
        return load(path, trust=trust), ()
    config = _json(path, keras_archive.CONFIG, keras_archive.CONFIG_BYTES)
    repaired = keras2.repair(config)
    if not trust:
        keras_archive.inspect_config(json.dumps(repaired.config), path.name)
    model = legacy_h5.build(repaired, path)
    groups = {
        group: [repaired.names.get(name, name) for name in names] for group, names in _groups(config["config"], "", ())
    }
    with hdf5.opened(keras_archive.read_member(path, keras_archive.WEIGHTS), path) as stored:
        place_numbered(model, groups, stored, path)
    return model, repaired.changes


def _version(path: Path) -> str:
    return str(_json(path, keras_archive.METADATA, _METADATA_BYTES).get("keras_version"))


def _json(path: Path, member: str, limit: int) -> dict[str, Any]:
    try:
        found = json.loads(keras_archive.read_member(path, member, limit))
    except (ValueError, RecursionError) as error:
        raise InputError(f"expected JSON in {member}, received none that parses ({error}): {path}") from error
    if not isinstance(found, dict):
        raise InputError(f"expected an object in {member}, received a {type(found).__name__}: {path}")
    return found


def _groups(config: dict[str, Any], prefix: str, names: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Tell where Keras 2 keeps each layer's weights: by class, and by place among the layers of that class."""
    seen: Counter[str] = Counter()
    for layer in config["layers"]:
        kind = _WORD.sub("_", layer["class_name"]).lower()
        group = f"{prefix}{kind}_{seen[kind]}" if seen[kind] else f"{prefix}{kind}"
        seen[kind] += 1
        own = (*names, layer["config"]["name"])
        yield group, own
        if "layers" in layer["config"]:
            yield from _groups(layer["config"], f"{group}/", own)


def load(path: Path, *, trust: bool = False) -> keras.Model:
    """Load a .keras file, inspected first unless it is to be trusted, in Keras' safe mode.

    Raises:
        InputError: the file is damaged, or holds what is not Keras' own or what safe mode refuses.
    """
    if not trust:
        keras_archive.inspect(path)
    try:
        with bounded_weights(path):
            model = keras.saving.load_model(path, compile=False, safe_mode=True)
    except _UNLOADABLE as error:
        reason = ascii(" ".join(str(error).split())[:200])[1:-1]
        raise InputError(f"expected a .keras file that loads in safe mode, received {reason}: {path}") from error
    check_answers(model, path)
    return model
