"""Stored weights put into a freshly built model: each used once, each variable set, or nothing at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from ...edge.errors import InputError
from ...workstation.hdf5 import StoredLayer, StoredLayers, StoredWeight

# What a Keras 2 layer calls a weight that has another name in Keras 3.
_ALIASES = {"depthwise_kernel": "kernel"}
# The state of random numbers, which augmentation layers stored among their weights.
_RANDOM = frozenset({"StateVar", "seed_generator_state"})
_HINT = "save the whole model anew with model.save"


@dataclass(frozen=True)
class _Variable:
    """One weight of the model: `name` is its layer's in the file and its own, such as "conv2d/kernel"."""

    name: str
    variable: Any

    @property
    def leaf(self) -> str:
        return str(self.variable.name)

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.variable.shape)


def place(model: keras.Model, stored: StoredLayers, names: Mapping[str, str], path: Path) -> int:
    """Put the weights of a whole-model file into the model that its config describes.

    A layer's weights are found by their names, or in the order in which Keras writes them: those that are trained,
    then the others. On any error the model is as it was.

    Args:
        model: the built model.
        stored: the file's weights, one entry for each of the model's own layers.
        names: the names of layers in the model, by those in the file, where they differ.
        path: the file, for messages.

    Returns:
        How many weights were set: all of the model's, and all of the file's.

    Raises:
        InputError: a weight is missing, left over, of another shape or not finite; the message names the first.
    """
    layers = {layer.name: layer for layer in model.layers}
    originals = {new: old for old, new in names.items()}
    pairs: list[tuple[_Variable, StoredWeight]] = []
    for group in stored.layers:
        weights = [weight for weight in group.weights if weight.leaf not in _RANDOM]
        if weights:
            pairs += _pair(_layer(layers, group, names, path), weights, originals, path)
    return _assign(model, pairs, path)


def place_numbered(model: keras.Model, groups: Mapping[str, Sequence[str]], stored: StoredLayers, path: Path) -> int:
    """Put the weights of a Keras 2 `.keras` file, which have numbers for names, into the model.

    Args:
        model: the built model.
        groups: where the file keeps each layer: the names that lead to it in the model, by its group.
        stored: the file's weights.
        path: the file, for messages.

    Returns:
        How many weights were set: all of the model's, and all of the file's.

    Raises:
        InputError: as for `place`.
    """
    pairs: list[tuple[_Variable, StoredWeight]] = []
    for group in stored.layers:
        layer = _inner(model, groups[group.group]) if group.group in groups else None
        if layer is None:
            raise InputError(f"expected weights of the model's own layers, received {group.group!r}: {path}; {_HINT}")
        own = [_Variable(f"{layer.name}/{variable.name}", variable) for variable in layer.weights]
        if [variable.shape for variable in own] != [weight.shape for weight in group.weights]:
            shapes = " ".join(str(weight.shape) for weight in group.weights)
            wanted = " ".join(str(variable.shape) for variable in own)
            raise InputError(f"expected {layer.name} with {wanted}, received {shapes}: {path}; {_HINT}")
        pairs += zip(own, group.weights, strict=True)
    return _assign(model, pairs, path)


def _inner(model: Any, names: Sequence[str]) -> Any:
    """Find a layer by the names that lead to it; None where there is none."""
    layer = model
    for name in names:
        layer = next((inner for inner in getattr(layer, "layers", ()) if inner.name == name), None)
    return layer


def _assign(model: keras.Model, pairs: Sequence[tuple[_Variable, StoredWeight]], path: Path) -> int:
    _require_all(model, pairs, path)
    values = [(own.variable, _read(weight, own, path)) for own, weight in pairs]
    for variable, value in values:
        variable.assign(value)
    for leaf in leaves(model):
        if hasattr(leaf, "finalize_state"):  # Normalization computes with what it makes of its weights
            leaf.finalize_state()
    return len(values)


def leaves(layer: Any) -> Iterator[Any]:
    """List the layers of a model that are no models themselves, at any depth."""
    if isinstance(layer, keras.Model):
        for inner in layer.layers:
            yield from leaves(inner)
    else:
        yield layer


def _layer(layers: Mapping[str, Any], group: StoredLayer, names: Mapping[str, str], path: Path) -> Any:
    name = group.name or group.group
    found = layers.get(names.get(name, name))
    if found is None:
        raise InputError(f"expected weights of the model's own layers, received those of {name!r}: {path}; {_HINT}")
    return found


def _pair(
    layer: Any, stored: Sequence[StoredWeight], originals: Mapping[str, str], path: Path
) -> list[tuple[_Variable, StoredWeight]]:
    own = [
        _Variable(f"{originals.get(leaf.name, leaf.name)}/{variable.name}", variable)
        for leaf in leaves(layer)
        for variable in leaf.weights
    ]
    if len(own) != len(stored):
        raise InputError(f"expected {len(own)} weights of {layer.name}, received {len(stored)}: {path}; {_HINT}")
    pairs = _by_name(own, stored) or _by_order(own, stored)
    for variable, weight in pairs:
        if variable.leaf not in _leaves(weight) or weight.shape != variable.shape:
            raise InputError(
                f"expected {variable.name} of shape {variable.shape}, received {weight.name} of {weight.shape}: "
                f"{path}; {_HINT}"
            )
    return pairs


def _by_name(own: Sequence[_Variable], stored: Sequence[StoredWeight]) -> list[tuple[_Variable, StoredWeight]] | None:
    """Find each weight by its name; None unless every name leads to another variable."""
    variables = {variable.name: variable for variable in own}
    found = [(_longest(weight, variables), weight) for weight in stored]
    matched = [(variables.pop(name), weight) for name, weight in found if name is not None and name in variables]
    return matched if len(matched) == len(own) else None


def _longest(weight: StoredWeight, variables: Mapping[str, Any]) -> str | None:
    """Name the variable that ends a weight's path: "outer/conv2d/kernel:0" is "conv2d/kernel"."""
    *folders, _ = weight.name.split("/")
    candidates = ("/".join([*folders[start:], leaf]) for start in range(len(folders)) for leaf in _leaves(weight))
    return next((name for name in candidates if name in variables), None)


def _leaves(weight: StoredWeight) -> tuple[str, ...]:
    """What the variable of a weight may be called."""
    return (weight.leaf, _ALIASES.get(weight.leaf, weight.leaf))


def _by_order(own: Sequence[_Variable], stored: Sequence[StoredWeight]) -> list[tuple[_Variable, StoredWeight]]:
    trained = [variable for variable in own if variable.variable.trainable]
    others = [variable for variable in own if not variable.variable.trainable]
    return list(zip([*trained, *others], stored, strict=True))


def _require_all(model: keras.Model, pairs: Sequence[tuple[_Variable, StoredWeight]], path: Path) -> None:
    placed = {id(own.variable) for own, _ in pairs}
    for leaf in leaves(model):
        for variable in leaf.weights:
            if id(variable) not in placed:
                raise InputError(f"expected weights of {leaf.name}, received none of {variable.path}: {path}; {_HINT}")
    if len(placed) != len(pairs):
        raise InputError(f"expected each weight once, received {len(pairs)} for {len(placed)}: {path}; {_HINT}")


def _read(weight: StoredWeight, own: _Variable, path: Path) -> NDArray[np.float32]:
    values = weight.read()
    if not np.isfinite(values).all():
        raise InputError(f"expected finite weights, received NaN or infinity in {own.name}: {path}; train it again")
    return values
