"""Keras weights in HDF5, read without Keras and without a step outside the file.

HDF5 can point elsewhere: links into other files, data kept in other files, datasets put together from several. What
reads such a file gives its author other files' contents, so only what the file itself holds is read.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from ..edge.errors import InputError

# Deflate, shuffle, Fletcher's checksum and LZF; others are loaded as plugins from the disk.
_FILTERS = frozenset(
    {h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32, h5py.h5z.FILTER_LZF}
)
# One chunk is unpacked as a whole, and may be declared far larger than what is read of it.
_CHUNK_BYTES = 256 * 1024**2
# Weights of layers that hold integers: how many samples Normalization saw, and where random numbers stand.
_INTEGERS = frozenset({"count", "StateVar"})
_UNREADABLE = (OSError, RuntimeError, KeyError, ValueError, TypeError)


@dataclass(frozen=True)
class StoredWeight:
    """One weight in the file, by its whole name in its layer: "conv2d/kernel:0" or, in Keras 3, "0"."""

    name: str
    dataset: Any

    @property
    def leaf(self) -> str:
        """The last part of the name: "kernel", "0"."""
        return self.name.rsplit("/", maxsplit=1)[-1].split(":")[0]

    @property
    def shape(self) -> tuple[int, ...] | None:
        """The shape; None where the dataset holds nothing."""
        shape = self.dataset.shape
        return None if shape is None else tuple(shape)

    def read(self) -> NDArray[np.float32]:
        """Read the values; what float32 cannot hold becomes infinity."""
        with np.errstate(over="ignore"):
            return np.asarray(self.dataset[()]).astype(np.float32)


@dataclass(frozen=True)
class StoredLayer:
    """One layer with weights, as a file keeps it.

    `name` is the layer's own, None where the file does not tell; `group` is where it was found.
    """

    name: str | None
    group: str
    weights: tuple[StoredWeight, ...]


@dataclass(frozen=True)
class StoredLayers:
    """All layers with weights of a file.

    Legacy files list them in the order of the network. Keras 3 keeps them as `conv2d`, `conv2d_1` and so on, numbered
    in the order of the network within each class, and says so by `numbered`; a model within the model comes before its
    layers, whose groups are `sequential/conv2d` and so on.
    """

    layers: tuple[StoredLayer, ...]
    numbered: bool


def attribute(path: Path, name: str) -> str | None:
    """Read a text that the file as a whole carries, such as `model_config`; None where it has none of that name.

    Raises:
        InputError: the file is no HDF5 or is damaged, or the value is no text.
    """
    try:
        with h5py.File(path, "r") as file:
            value = file.attrs.get(name)
            text = value.decode() if isinstance(value, bytes) else value
    except _UNREADABLE as error:
        raise _unreadable(error, path) from error
    if not isinstance(text, (str, type(None))):
        raise InputError(f"expected text in {name}, received a {type(text).__name__}: {path}")
    return text


@contextmanager
def opened(source: Path | bytes, where: Path) -> Iterator[StoredLayers]:
    """Open an HDF5 file of weights; they can be read while the context lasts.

    Args:
        source: the file, or its bytes.
        where: the file, for messages.

    Raises:
        InputError: the file is no HDF5, is damaged, points outside itself, or holds no Keras weights.
    """
    try:
        with h5py.File(io.BytesIO(source) if isinstance(source, bytes) else source, "r") as file:
            yield _layers(file, where)
    except _UNREADABLE as error:
        raise _unreadable(error, where) from error


def _unreadable(error: Exception, where: Path) -> InputError:
    reason = ascii(" ".join(str(error).split())[:120])[1:-1]  # it may quote names from the file
    return InputError(f"expected an HDF5 file of weights, received one that does not read ({reason}): {where}")


def _layers(file: Any, where: Path) -> StoredLayers:
    root = file
    if _has(file, "model_weights") and not _names(file, "layer_names"):
        root = _child(file, "model_weights", where)
    names = _names(root, "layer_names")
    if names:
        layers = [_legacy(_child(root, name, where), name, where) for name in names]
    elif _has(file, "layers"):
        group = _child(file, "layers", where)
        layers = list(_all_numbered(group, "", where))
    else:
        raise InputError(f"expected weights as Keras saves them, received HDF5 without any: {where}; use save_weights")
    found = tuple(layer for layer in layers if layer.weights)
    if not found:
        raise InputError(f"expected layers with weights, received none: {where}; was an empty model saved?")
    return StoredLayers(found, numbered=not names)


def _legacy(group: Any, name: str, where: Path) -> StoredLayer:
    weights = [StoredWeight(weight, _dataset(group, weight, where)) for weight in _names(group, "weight_names")]
    return StoredLayer(name, name, tuple(weights))


def _all_numbered(group: Any, prefix: str, where: Path) -> Iterator[StoredLayer]:
    """List the layers of a group, and behind each model those within it: "sequential/conv2d"."""
    for name in group:
        child = _child(group, name, where)
        yield _numbered(child, f"{prefix}{name}", where)
        if _has(child, "layers"):
            yield from _all_numbered(_child(child, "layers", where), f"{prefix}{name}/", where)


def _numbered(group: Any, name: str, where: Path) -> StoredLayer:
    if not _has(group, "vars"):
        return StoredLayer(None, name, ())
    variables = _child(group, "vars", where)
    own = variables.attrs.get("name")
    weights = [StoredWeight(str(i), _dataset(variables, str(i), where)) for i in range(len(variables))]
    return StoredLayer(own if isinstance(own, str) else None, name, tuple(weights))


def _names(group: Any, key: str) -> list[str]:
    """Read an attribute of names; Keras splits what HDF5 finds too long over `key`0, `key`1 and so on."""
    if key in group.attrs:
        parts = [group.attrs[key]]
    else:
        parts = []
        while f"{key}{len(parts)}" in group.attrs:
            parts.append(group.attrs[f"{key}{len(parts)}"])
    names = [name.decode() if isinstance(name, bytes) else name for part in parts for name in np.atleast_1d(part)]
    if not all(isinstance(name, str) for name in names):
        raise ValueError(f"{key} are not text")
    return [str(name) for name in names]


def _has(group: Any, name: str) -> bool:
    # `name in group` would follow a link to find out.
    return isinstance(group, h5py.Group) and group.get(name, getlink=True) is not None


def _child(parent: Any, name: str, where: Path) -> Any:
    """Walk down to a group or dataset over hard links only.

    Raises:
        InputError: a link on the way leads elsewhere.
        KeyError: there is nothing of that name.
    """
    node = parent
    for part in name.split("/"):
        if not isinstance(node, h5py.Group):
            raise KeyError(name)
        link = node.get(part, getlink=True)
        if link is None:
            raise KeyError(name)
        if not isinstance(link, h5py.HardLink):
            kind = type(link).__name__
            raise InputError(f"expected weights in the file itself, received {kind} {name!r}: {where}; do not load it")
        node = node[part]
    return node


def _dataset(group: Any, name: str, where: Path) -> Any:
    found = _child(group, name, where)
    if not isinstance(found, h5py.Dataset):
        raise KeyError(name)
    path = repr(found.name)
    if found.external or found.is_virtual:
        raise InputError(f"expected weights in the file itself, received {path} elsewhere: {where}; do not load it")
    counts = name.rsplit("/", maxsplit=1)[-1].split(":")[0] in _INTEGERS or found.shape == ()
    if not (counts and found.dtype.kind in "iu") and (found.dtype.kind != "f" or found.dtype.itemsize not in (2, 4, 8)):
        raise InputError(f"expected weights of float16, 32 or 64, received {found.dtype} in {path}: {where}")
    properties = found.id.get_create_plist()
    filters = {properties.get_filter(i)[0] for i in range(properties.get_nfilters())}
    if not filters <= _FILTERS:
        raise InputError(f"expected weights packed by gzip or lzf, received {path} otherwise: {where}; save it anew")
    if found.chunks and math.prod(found.chunks) * found.dtype.itemsize > _CHUNK_BYTES:
        raise InputError(f"expected chunks of at most {_CHUNK_BYTES} bytes, received {path} with more: {where}")
    return found
