"""What the words after --data and --validation mean."""

from __future__ import annotations

from pathlib import Path

from ...edge.console import Console
from ...edge.errors import InputError
from ...edge.names import utf8
from . import hands, idx, keras_download, npz, tfds
from .source import Source


def open_origin(name: str, seed: int, console: Console) -> Path | Source:
    """Open what a person calls data: a folder of class folders as it is, anything else as a source to unpack.

    A folder or file that is there wins over a name of the same letters.

    Raises:
        InputError: there is no such thing, it is damaged, or its name cannot be recorded.
    """
    utf8(name)
    if name.startswith(hands.PREFIX):
        return hands.open_hands(name, seed)
    if name.startswith(tfds.PREFIX):
        return tfds.open_tfds(name, console)
    path = Path(name)
    if name and path.is_dir():
        path = path.resolve()
        return idx.open_idx(path) if idx.is_idx(path) else path
    if path.is_file() and path.suffix.lower() == npz.SUFFIX:
        return npz.open_npz(path.resolve())
    if name == keras_download.NAME:
        return keras_download.open_keras(console)
    received = f"another file: {name}" if path.is_file() else f"no such thing: {name!r}"
    raise InputError(
        f"expected a folder of class folders or of IDX files, an .npz file, {keras_download.NAME}, tfds:NAME or "
        f"hands:NUMBER, received {received}"
    )
