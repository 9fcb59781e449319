"""Training itself: a recipe and its data in, a run directory out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from ..edge import run_directory
from ..edge.atomic import replacing
from ..edge.console import Console, Progress
from ..edge.contract import Activation
from ..edge.errors import InputError
from ..edge.pixel_set import decode, require_classes
from ..edge.run_directory import RunRecord, Split, Validation
from ..edge.versions import versions
from .batches import Batches
from .models.recipe import NumberRecipe, PictureRecipe
from .split import balance, labels_of, split_folder

_EVALUATION_BATCH = 128
_LOSSES = {
    Activation.SOFTMAX: "sparse_categorical_crossentropy",
    Activation.SIGMOID: "binary_crossentropy",
    Activation.LINEAR: "mean_squared_error",
}


@dataclass(frozen=True)
class Options:
    """What a person may choose about a training; None takes the recipe's own value, as `augment` does."""

    seed: int = 0
    epochs: int | None = None
    batch_size: int | None = None
    augment: bool = True
    strict: bool = False


def train_pictures(recipe: PictureRecipe, data: Path, out: Path, options: Options, console: Console) -> RunRecord:
    """Train a classifier on class folders.

    Args:
        recipe: the network.
        data: class folders, or train/ and validation/ with class folders each.
        out: the run directory to write.
        options: what differs from the recipe.
        console: where progress goes.

    Raises:
        InputError: the data cannot be used.
    """
    split = split_folder(data, options.seed, console)
    labels = labels_of(split)
    console.say(f"training: {balance(split.train)} · validation: {balance(split.validation)}")
    train, validation = (
        require_classes(decode(data, files, labels, recipe.input, console, strict=options.strict), labels, data)
        for files in (split.train, split.validation)
    )
    keras.utils.set_random_seed(options.seed)
    model = recipe.build(recipe.input, len(labels))
    epochs, batch_size = options.epochs or recipe.epochs, options.batch_size or recipe.batch_size
    batches = Batches(train, recipe.input, batch_size, options.seed, recipe.augmentation if options.augment else None)
    # Augmented small sets train to the end of the schedule; a rate that stays high leaves the last epochs to chance.
    rate = keras.optimizers.schedules.CosineDecay(recipe.learning_rate, epochs * len(batches))
    model.compile(keras.optimizers.RMSprop(rate), _LOSSES[recipe.activation], metrics=["accuracy"])
    held_out = Batches(validation, recipe.input, _EVALUATION_BATCH)
    history = _fit(model, console, epochs, len(batches), x=batches, validation_data=held_out)
    judged = Validation(history["val_accuracy"][-1], history["val_loss"][-1], len(validation))
    record = RunRecord(
        model=recipe.name,
        labels=labels,
        input=recipe.input,
        activation=recipe.activation,
        history=history,
        validation=judged,
        seed=options.seed,
        data=str(data.resolve()),
        versions=_versions(),
    )
    _write(out, model, record, Split(train.files, validation.files))
    return record


def train_numbers(recipe: NumberRecipe, out: Path, options: Options, console: Console) -> RunRecord:
    """Train a regression on the numbers that its recipe brings; arguments as for `train_pictures`."""
    keras.utils.set_random_seed(options.seed)
    model = recipe.build(recipe.input)
    epochs, batch_size = options.epochs or recipe.epochs, options.batch_size or recipe.batch_size
    model.compile(keras.optimizers.SGD(recipe.learning_rate), _LOSSES[Activation.LINEAR])
    x, y = recipe.samples
    steps = -(-len(x) // batch_size)
    history = _fit(model, console, epochs, steps, x=x, y=y, batch_size=batch_size)
    loss = float(model.evaluate(*recipe.held_out, verbose=0))
    record = RunRecord(
        model=recipe.name,
        labels=(),
        input=recipe.input,
        activation=Activation.LINEAR,
        history=history,
        validation=Validation(None, loss, len(recipe.held_out[0])),
        seed=options.seed,
        data=recipe.source,
        versions=_versions(),
    )
    _write(out, model, record, Split())
    return record


class _ShowProgress(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Moves a progress bar along with Keras' batches."""

    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self._progress = progress

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002 - Keras' names
        self._progress.advance()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        words = [f"{name.replace('_', ' ')} {value:.3f}" for name, value in (logs or {}).items()]
        self._progress.advance(0, f"epoch {epoch + 1}: {', '.join(words)}")


def _fit(model: keras.Model, console: Console, epochs: int, steps: int, **data: Any) -> dict[str, tuple[float, ...]]:
    with console.progress("training", epochs * steps) as progress:
        fitted = model.fit(**data, epochs=epochs, verbose=0, callbacks=[_ShowProgress(progress)])
    history = {name: tuple(map(float, values)) for name, values in fitted.history.items()}
    if not np.isfinite([value for values in history.values() for value in values]).all():
        raise InputError(
            "expected a training that converges, received NaN; look at the data, or train with another seed"
        )
    return history


def _write(out: Path, model: keras.Model, record: RunRecord, split: Split) -> None:
    run_directory.clear(out)
    with replacing(out / run_directory.MODEL) as temporary:
        model.save(temporary)
    run_directory.write(out, record, split)


def _versions() -> dict[str, str]:
    return versions("keras", keras.backend.backend(), "numpy", "opencv-python-headless", "opencv-python")
