"""Files that hold a trained network, told from others without loading TensorFlow."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from ..edge.console import Console
from ..edge.native_noise import muted
from ..workstation import keras_archive

LEGACY_SUFFIXES = frozenset({".h5", ".hdf5"})
SAVED_MODEL = "saved_model.pb"  # in the folder of a SavedModel


def is_model(path: Path) -> bool:
    """Tell whether a path is a model file or a SavedModel's folder, as against a run directory."""
    return path.suffix in {keras_archive.SUFFIX, *LEGACY_SUFFIXES} or (path / SAVED_MODEL).is_file()


def load_tensorflow(console: Console) -> None:
    """Load TensorFlow, which takes seconds, once it is known to be needed, without what it prints on its own."""
    if "tensorflow" not in sys.modules:
        console.say("loading TensorFlow …")
        with muted():
            importlib.import_module(".network", __package__)
