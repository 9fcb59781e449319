"""`.keras` files, as Keras 3 saves them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import keras

from ...edge.errors import InputError
from ...workstation import keras_archive


def load(path: Path, *, trust: bool = False) -> keras.Model:
    """Load a .keras file, inspected first unless it is to be trusted, in Keras' safe mode.

    Raises:
        InputError: the file is damaged, or holds what is not Keras' own or what safe mode refuses.
    """
    if not trust:
        keras_archive.inspect(path)
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except (ValueError, TypeError, KeyError, OSError, zipfile.BadZipFile) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"expected a .keras file that loads in safe mode, received {reason}: {path}") from error
