"""What is kept of a training: the network, run.json, split.json and the report."""

from __future__ import annotations

import hashlib
from enum import Enum
from pathlib import Path

import keras

from ..edge import run_directory
from ..edge.atomic import replacing
from ..edge.contract import ImageInput
from ..edge.names import utf8
from ..edge.run_directory import RunRecord, Split
from ..edge.versions import versions
from .data import DataSet
from .models.recipe import PictureRecipe
from .options import Options
from .report import page


def settings(recipe: PictureRecipe, spec: ImageInput, data: DataSet, options: Options) -> dict[str, str]:
    """List what makes a training this one, in words, by the names of the command's options.

    Raises:
        InputError: the name of a file cannot be recorded.
    """
    network, hardware = options.network, options.hardware
    choices: dict[str, object] = {
        "model": recipe.name,
        "size": f"{spec.height}x{spec.width}",
        "color": spec.color,
        "head": network.head,
        "backbone": network.backbone,
        "weights": network.weights,
        "weights-range": network.weights_range and "{:g}..{:g}".format(*network.weights_range),
        "epochs": options.epochs or recipe.epochs,
        "batch-size": options.batch_size or recipe.batch_size,
        "optimizer": recipe.optimizer,
        "learning-rate": options.learning_rate or recipe.learning_rate,
        "augment": options.augment,
        "cache-features": options.cache_features,
        "patience": options.patience,
        "seed": options.seed,
        "mixed-precision": hardware.mixed_precision,
        "pictures": digest(data.split),
    }
    words = {name: value.value if isinstance(value, Enum) else value for name, value in choices.items()}
    return {name: utf8(str(value)) for name, value in words.items() if value is not None}


def digest(split: Split) -> str:
    """Hash which pictures are on which side: the first 16 digits of a SHA-256."""
    state = hashlib.sha256()
    for name, side in (("train", split.train), ("validation", split.validation)):
        for file in side:
            state.update(f"{name} {file.label} {file.sha256}\n".encode())
    return state.hexdigest()[:16]


def tools() -> dict[str, str]:
    """List the versions of what made a run."""
    return versions("keras", keras.backend.backend(), "numpy", "opencv-python-headless", "opencv-python")


def write(out: Path, model: keras.Model, record: RunRecord, split: Split) -> None:
    """Write a run directory in the place of what was there; the checkpoint goes when all else is there."""
    run_directory.clear(out)
    with replacing(out / run_directory.MODEL) as temporary:
        model.save(temporary)
    page.write(out, record, split)
    run_directory.write(out, record, split)
    (out / run_directory.CHECKPOINT).unlink(missing_ok=True)
