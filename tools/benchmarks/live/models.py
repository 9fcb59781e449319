"""The article's networks as int8 files: trained for a moment, because what they have learned changes no time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_PICTURES = "hands:240"
_EPOCHS = "1"


def rps(folder: Path) -> Path:
    """Make the rock-paper-scissors network."""
    return _made(folder / "rps", "rps", [])


def inception(folder: Path) -> Path:
    """Make the transfer network, on a backbone with weights that nothing was learned by."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    keras.utils.set_random_seed(0)
    weights = folder / "random.weights.h5"
    keras.applications.InceptionV3(include_top=False, weights=None).save_weights(weights)
    return _made(folder / "inception", "inception", ["--weights", str(weights)])


def _made(run: Path, name: str, more: list[str]) -> Path:
    _edgeproof("train", name, "--data", _PICTURES, "--epochs", _EPOCHS, "--out", str(run), *more)
    _edgeproof("export", str(run), "--int8", "--format", "tflite")
    return run / f"{name}-int8.tflite"


def _edgeproof(*words: str) -> None:
    command = [sys.executable, "-m", "edgeproof.edge", *words, "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if done.returncode == 2:  # bad input; the verdict on a network that learned nothing is no matter
        sys.exit(done.stderr)
