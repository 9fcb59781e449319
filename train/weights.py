"""Weights of a local file for a freshly built backbone: all checked before the first is set."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from ..edge.errors import InputError
from ..workstation import hdf5, keras_archive
from ..workstation.hdf5 import StoredLayer, StoredLayers, StoredWeight

_HINT = "use the weights of this very network"
_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=.)(?=[A-Z][a-z])")


@dataclass(frozen=True)
class _Match:
    """A way to put stored layers to the model's; `misfit` says what does not fit, in the layer number `depth`."""

    weights: list[tuple[Any, StoredWeight]]
    misfit: str | None = None
    depth: int = 0


def load(backbone: keras.Model, path: Path, *, trust: bool = False) -> None:
    """Put the weights of a file into a network; on any error the network is as it was.

    The file may be of legacy HDF5 (weights, or a whole model), of Keras 3 (`.weights.h5`), or a `.keras` file, of which
    only the weights are read. It may have layers that the network lacks, behind those that it has.

    Args:
        backbone: the built network; every layer of it with weights must be in the file. Layers must not be nested.
        path: the file, of floats of the same shapes as the network's weights.
        trust: take a `.keras` file whose config names more than Keras' own objects.

    Raises:
        InputError: the file cannot be read or does not fit; the message names the first layer.
    """
    with hdf5.opened(_source(path, trust=trust), path) as stored:
        match = _match(backbone, stored)
        if match.misfit is not None:
            raise InputError(f"{match.misfit} in {path}; {_HINT}")
        values = [(variable, _values(weight, variable, path)) for variable, weight in match.weights]
    for variable, value in values:
        variable.assign(value)


def _source(path: Path, *, trust: bool) -> Path | bytes:
    if not path.is_file():
        raise InputError(f"expected a file of weights, received none: {path}")
    if path.suffix != keras_archive.SUFFIX:
        return path
    if not trust:
        keras_archive.inspect(path)
    return keras_archive.read_member(path, keras_archive.WEIGHTS)


def _values(weight: StoredWeight, variable: Any, path: Path) -> NDArray[np.float32]:
    values = weight.read()
    if not np.isfinite(values).all():
        raise InputError(f"expected finite weights, received NaN or infinity in {variable.path}: {path}")
    return values


def _match(backbone: keras.Model, stored: StoredLayers) -> _Match:
    """Try the ways of finding layers in turn: the first that fits is taken, else the one that came furthest tells."""
    layers = [layer for layer in backbone.layers if layer.weights]
    ways: list[list[StoredLayer | None]] = []
    # Automatic names count on through a whole process, so a file rarely has those of the network at hand, or has them
    # for other layers. Then the place counts, as it does for Keras itself.
    by_name = {layer.name: layer for layer in stored.layers if layer.name is not None}
    first, first_stored = (_first_numbers(names) for names in ([layer.name for layer in layers], by_name))
    if all(first_stored.get(base) == number for base, number in first.items()):
        ways.append([by_name.get(layer.name) for layer in layers])
    if stored.numbered:
        by_group = {layer.group: layer for layer in stored.layers}
        ways.append([by_group.get(group) for group in _groups(backbone)])
    else:
        ways.append([*stored.layers[: len(layers)], *[None] * (len(layers) - len(stored.layers))])
    matches = [_fit(layers, way) for way in ways]
    fitting = [match for match in matches if match.misfit is None]
    return fitting[0] if fitting else max(matches, key=lambda match: match.depth)


def _first_numbers(names: Iterable[str]) -> dict[str, int]:
    """Find where the numbers of names such as conv2d, conv2d_1 start: {"conv2d": 0}."""
    first: dict[str, int] = {}
    for name in names:
        base, _, digits = name.rpartition("_")
        base, number = (base, int(digits)) if base and re.fullmatch("[0-9]{1,9}", digits) else (name, 0)
        first[base] = min(number, first.get(base, number))
    return first


def _groups(backbone: keras.Model) -> list[str]:
    """Name the groups of the layers with weights as Keras 3 does: by class, and by place among that class's layers."""
    seen: Counter[str] = Counter()
    groups = []
    for layer in backbone.layers:
        kind = _WORD.sub("_", type(layer).__name__).lower()
        if layer.weights:
            groups.append(f"{kind}_{seen[kind]}" if seen[kind] else kind)
        seen[kind] += 1
    return groups


def _fit(layers: list[keras.layers.Layer], found: list[StoredLayer | None]) -> _Match:
    weights: list[tuple[Any, StoredWeight]] = []
    for depth, (layer, stored) in enumerate(zip(layers, found, strict=True)):
        own = layer.weights
        if stored is None:
            return _Match([], f"expected {layer.name} with {_shapes(own)}, received no such layer", depth)
        theirs = _in_order(own, stored.weights)
        if [tuple(weight.shape) for weight in own] != [weight.shape for weight in theirs]:
            received = f"{_shapes(theirs)}" + (f" as {stored.name!r}" if stored.name not in (None, layer.name) else "")
            return _Match([], f"expected {layer.name} with {_shapes(own)}, received {received}", depth)
        weights += zip(own, theirs, strict=True)
    return _Match(weights)


def _in_order(own: list[Any], stored: tuple[StoredWeight, ...]) -> tuple[StoredWeight, ...]:
    """Sort stored weights by their names where these are the layer's: moving mean and variance have equal shapes."""
    by_leaf = {weight.leaf: weight for weight in stored}
    names = [weight.name for weight in own]
    if len(by_leaf) == len(stored) and set(by_leaf) == set(names):
        return tuple(by_leaf[name] for name in names)
    return stored


def _shapes(weights: Any) -> str:
    return " ".join(str(weight.shape if weight.shape is None else tuple(weight.shape)) for weight in weights)
