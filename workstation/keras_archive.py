"""What a Keras file asks for, checked before Keras sees it.

A `.keras` file is a zip whose config.json names the classes and functions to build the model from. Keras' own safe mode
has been got around more than once, each time by a name that its deny-list did not know. Here everything is refused that
`keras_names` does not list, at any depth, and so are files that two readers could read as two different models.
"""

from __future__ import annotations

import json
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from ..edge.errors import InputError
from .keras_names import CLASSES, CLASSES_ANYWHERE, FUNCTION_MODULES, FUNCTIONS, OPERATION_MODULES, VALUES

SUFFIX = ".keras"
WEIGHTS = "model.weights.h5"
METADATA = "metadata.json"
CONFIG = "config.json"
CONFIG_BYTES = 16 * 1024**2  # the config of InceptionV3 has 0.3 MB; parsed, JSON takes many times its size
_MEMBERS = frozenset({CONFIG, METADATA, WEIGHTS})
_ASSETS = "assets/"  # tables of layers such as StringLookup
_FREE_BYTES = 64 * 1024**2
_EXPANSION = 20  # Keras stores without compressing; what grows more than this is made to fill the memory
_OPERATION = re.compile(r"[A-Z][A-Za-z0-9]*")
_SHOWN = 60  # characters
_UNREADABLE = (OSError, ValueError, EOFError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error)


def inspect(path: Path) -> None:
    """Check a `.keras` file without loading anything of it.

    The check speaks of the file as it is now: load it from the same place, by the same name, and at once.

    Raises:
        InputError: the file is no `.keras` file, holds anything but Keras' own objects, or is ambiguous.
    """
    inspect_config(read_member(path, CONFIG, CONFIG_BYTES), path.name)


def read_member(path: Path, name: str, limit: int | None = None) -> bytes:
    """Read one member of a `.keras` file whose table of contents leaves no doubt.

    Args:
        path: the file.
        name: the member, such as `WEIGHTS`.
        limit: how many bytes it may have uncompressed; None leaves that to the file's size.

    Raises:
        InputError: the file is no `.keras` file, lacks the member, or holds what Keras does not write.
    """
    # Keras chooses the format by the suffix: a file that is a zip and HDF5 at once must not be checked as one of them
    # and loaded as the other.
    if path.suffix != SUFFIX or not path.is_file():
        raise InputError(f"expected a {SUFFIX} file, received {path}; save the model with model.save('name{SUFFIX}')")
    try:
        with zipfile.ZipFile(path) as archive:
            _check_members(archive.infolist(), path)
            if name not in archive.namelist():
                raise InputError(f"expected {name} in a {SUFFIX} file, received none: {path}; save the model anew")
            size = archive.getinfo(name).file_size
            if limit is not None and size > limit:
                raise InputError(f"expected at most {limit} bytes of {name}, received {size}: {path}; do not load it")
            return archive.read(name)
    except _UNREADABLE as error:
        raise InputError(f"expected a {SUFFIX} file, received one that does not read ({error}): {path}") from error


def _check_members(members: list[zipfile.ZipInfo], path: Path) -> None:
    # Readers differ in which of two members they take, and some file systems take a.json and A.JSON for one.
    for name, count in Counter(member.filename.casefold() for member in members).items():
        if count > 1:
            raise InputError(f"expected each file once, received {_show(name)} {count} times: {path}; do not load it")
    for member in members:
        name = member.filename
        # The zip module cuts names at a NUL, of which only `orig_filename` still tells.
        if name != member.orig_filename or not (name in _MEMBERS or _is_asset(name)):
            received = _show(member.orig_filename)
            raise InputError(f"expected only what Keras writes, received {received} in {path}; do not load it")
    size, stored = sum(member.file_size for member in members), path.stat().st_size
    if size > most_bytes(stored):
        raise InputError(f"expected about {stored} bytes uncompressed, received {size}: {path}; do not load it")


def most_bytes(stored: int) -> int:
    """Say how many bytes a file of a network may hold uncompressed, that has `stored` bytes itself."""
    return _FREE_BYTES + _EXPANSION * stored


def _is_asset(name: str) -> bool:
    plain = "\\" not in name and ":" not in name and ".." not in PurePosixPath(name).parts
    return plain and name.startswith(_ASSETS)


def inspect_config(text: str | bytes, where: str) -> None:
    """Check the JSON that describes a model: config.json of a `.keras` file, or `model_config` of a legacy HDF5 file.

    Args:
        text: JSON, as text or bytes.
        where: the file, for messages.

    Raises:
        InputError: the text is not JSON, repeats a key, or names anything but Keras' own objects.
    """

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        # Of two equal keys one parser keeps the last and another the first: the one that is checked may not be used.
        if len(dict(pairs)) != len(pairs):
            key = Counter(key for key, _ in pairs).most_common(1)[0][0]
            raise InputError(f"expected each key once, received {_show(key)} twice in {where}; do not load it")
        return dict(pairs)

    try:
        config = json.loads(text, object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise InputError(f"expected a model's config as JSON, received none that parses ({error}): {where}") from error
    if not isinstance(config, dict):
        raise InputError(f"expected a model's config, received a {type(config).__name__}: {where}; save the model anew")
    for node, layer in _objects(config):
        stranger = _stranger(node)
        if stranger is not None:
            place = f"layer {_show(layer, quoted=True)} of {where}" if layer else where
            raise InputError(
                f"expected only Keras' own layers, received {_show(stranger)} in {place}; "
                "pass --trust if you know where it comes from"
            )


def _objects(config: Any) -> Iterator[tuple[dict[str, Any], str]]:
    """List every object at any depth, with the name of the innermost layer or model that it belongs to."""
    # A stack of its own: the depth of the config is the attacker's choice.
    pending: list[tuple[Any, str]] = [(config, "")]
    while pending:
        node, layer = pending.pop()
        if isinstance(node, dict):
            layer = _name_of(node) or layer
            yield node, layer
            pending += [(child, layer) for child in reversed(node.values())]
        elif isinstance(node, list):
            pending += [(child, layer) for child in reversed(node)]


def _name_of(node: dict[str, Any]) -> str | None:
    inner = node.get("config")
    candidates = [node.get("name"), inner.get("name") if isinstance(inner, dict) else None]
    return next((name for name in candidates if isinstance(name, str) and "class_name" in node), None)


def _stranger(node: dict[str, Any]) -> str | None:
    """Name what of an object is not Keras' own; None where all is. Only its own keys count, not what it holds."""
    if not isinstance(node.get("vocabulary"), (list, type(None))):
        return f"the vocabulary {_word(node['vocabulary'])}"  # a path: the layer would read any file that it names
    kind, module, registered = (node.get(key) for key in ("class_name", "module", "registered_name"))
    if kind is None and module is None and registered is None:
        return None
    name = node.get("config") if kind == "function" else kind
    if not _is_known(kind, module, name):
        parts = (None if isinstance(module, str) and module in CLASSES else module, name, registered)
        return ".".join([_word(part) for part in parts if part is not None][:2])
    # Keras looks a registered name up first, and takes what any program has registered by it.
    return None if registered in (None, kind, name) else _word(registered)


def _is_known(kind: Any, module: Any, name: Any) -> bool:
    if not isinstance(kind, str) or not isinstance(name, str) or not isinstance(module, (str, type(None))):
        return False
    if kind == "function":
        return module in FUNCTION_MODULES and name in FUNCTIONS
    if module is None:
        return kind in VALUES or kind in CLASSES_ANYWHERE
    if module in OPERATION_MODULES:
        return _OPERATION.fullmatch(kind) is not None
    return kind in CLASSES.get(module, ())


def _word(value: Any) -> str:
    return value if isinstance(value, str) else f"a {type(value).__name__}"


def _show(text: str, *, quoted: bool = False) -> str:
    """Shorten what comes from the file, and leave nothing in it that a terminal would obey."""
    shown = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    return repr(shown) if quoted or not shown.isprintable() else shown
