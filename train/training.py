"""Training a classifier of pictures: a recipe and its data in, a run directory out."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np

from ..edge.console import Console
from ..edge.contract import Color, ImageInput, ModelOutput
from ..edge.errors import InputError
from ..edge.run_directory import RunRecord, Split, Validation
from . import features, record
from .augmentation import Augmentation
from .batches import Batches
from .data import DataSet
from .fitting import Course, compiled, fit, loss_of, require_tensorboard
from .hardware import Machine, alone
from .models.recipe import Network, PictureRecipe
from .options import Options
from .pixels import Side, decode_side
from .report import scores
from .report.sheet import augmentation_sheet
from .scaling import on_features, on_pixels

AUGMENTATION = "augmentation.png"
_SHOWN, _VERSIONS = 6, 7  # pictures on the sheet, and how often each is augmented
_EVALUATION_BATCH = 64


@dataclass(frozen=True)
class _Task:
    """One training: what is built, and what it is built for."""

    recipe: PictureRecipe
    spec: ImageInput
    output: ModelOutput
    options: Options
    machine: Machine

    @property
    def batch_size(self) -> int:
        return self.options.batch_size or self.recipe.batch_size

    def build(self) -> Network:
        return self.recipe.build(self.spec, self.output, self.options.network)

    def checked(self) -> Network:
        """Build the network, and look at all else that can be refused without the pictures."""
        self.machine.check_batch(self.batch_size)
        if self.options.tensorboard:
            require_tensorboard()
        network = self.build()
        caches(self.options, self.recipe, network)
        return network


def train_pictures(
    recipe: PictureRecipe,
    data: DataSet,
    out: Path,
    options: Options,
    console: Console,
    machine: Machine | None = None,
) -> RunRecord:
    """Train a classifier.

    Args:
        recipe: the network.
        data: the pictures, split.
        out: the run directory to write.
        options: what differs from the recipe.
        console: where progress goes.
        machine: what to train on, as `hardware.prepare` set it up; one device as it is where None.

    Raises:
        InputError: the data cannot be used, a choice does not fit, or the training diverges.
    """
    task = _Task(recipe, input_of(recipe, options), recipe.output(data.labels), options, machine or Machine())
    start = time.monotonic()
    settings = record.settings(recipe, task.spec, data, options)
    keras.utils.set_random_seed(options.seed)
    network = task.checked()
    new = not out.exists()
    out.mkdir(parents=True, exist_ok=True)
    try:
        train, validation = (
            decode_side(data.root, files, data.labels, task.spec, out, console, strict=options.strict)
            for files in (data.split.train, data.split.validation)
        )
        if options.show_augmentation:
            _show_augmentation(task, train, out / AUGMENTATION, console)
        model, history = _fit(task, network, train, validation, out, settings, console)
    finally:
        if new:
            with suppress(OSError):  # it holds something: a checkpoint to go on from
                out.rmdir()
    judged = _judge(model, task, validation)
    seconds = round(time.monotonic() - start, 1)
    finished = _record(task, data, model, history, judged, settings, seconds)
    if task.machine.writes:
        record.write(out, model, finished, Split(train.files, validation.files))
    return finished


def _record(
    task: _Task,
    data: DataSet,
    model: keras.Model,
    history: dict[str, tuple[float, ...]],
    judged: Validation,
    settings: dict[str, str],
    seconds: float,
) -> RunRecord:
    return RunRecord(
        model=task.recipe.name,
        labels=data.labels,
        input=task.spec,
        activation=task.output.activation,
        history=history,
        validation=judged,
        seed=task.options.seed,
        data=str(data.root),
        versions=record.tools(),
        settings=settings,
        parameters=model.count_params(),
        seconds=seconds,
    )


def input_of(recipe: PictureRecipe, options: Options) -> ImageInput:
    """Give the recipe's input with the size and the colours that a person wants."""
    height, width = options.size or (recipe.input.height, recipe.input.width)
    color = options.color or recipe.input.color
    return replace(recipe.input, height=height, width=width, color=color, channels=1 if color is Color.GRAY else 3)


def _fit(
    task: _Task,
    network: Network,
    train: Side,
    validation: Side,
    out: Path,
    settings: dict[str, str],
    console: Console,
) -> tuple[keras.Model, dict[str, tuple[float, ...]]]:
    options, recipe, machine = task.options, task.recipe, task.machine
    # Where devices share batches these are filled up, which must not be to many times the data.
    batch_size = min(task.batch_size, machine.shared(len(train)))
    taught, judged = train, validation
    cached = caches(options, recipe, network)
    if cached:
        taught, judged = (
            features.of_side(network.backbone, side, task.spec, out, console) for side in (train, validation)
        )
    batches = _batches(task, taught, batch_size, options.seed, options.augment.of(recipe))
    held_out = _batches(task, judged, machine.shared(_EVALUATION_BATCH))
    epochs = options.epochs or recipe.epochs
    course = Course(epochs, out, settings, options.patience, options.resume, options.tensorboard, machine.writes)
    with machine.together():
        if machine.strategy is not None:
            keras.utils.set_random_seed(options.seed)  # or several devices would begin with other weights than one
            network = task.build()
        trainer = on_features(network.head) if cached else on_pixels(network.model, task.spec)
        compiled(trainer, recipe, task.output, options, epochs * len(batches), machine)
        history = fit(trainer, batches, held_out, course, console)
    return alone(network.model, lambda: task.build().model, machine), history


def _batches(
    task: _Task, side: Side, size: int, seed: int | None = None, augmentation: Augmentation | None = None
) -> Batches:
    part, whole = task.machine.part, task.machine.strategy is not None
    return Batches(side.rows, side.labels, size, seed=seed, augmentation=augmentation, part=part, whole=whole)


def caches(options: Options, recipe: PictureRecipe, network: Network) -> bool:
    """Decide whether a frozen backbone's features are computed once: by default where that changes nothing.

    Raises:
        InputError: it is asked for where nothing is frozen, or where each epoch's pictures differ.
    """
    if network.backbone is None:
        if options.cache_features:
            raise InputError(f"expected --cache-features with transfer or inception, received {recipe.name}")
        return False
    augmented = options.augment.of(recipe) is not None
    if options.cache_features and augmented:
        raise InputError(
            "expected --no-augment with --cache-features, received both; features of what is drawn anew differ"
        )
    return not augmented if options.cache_features is None else options.cache_features


def _judge(model: keras.Model, task: _Task, validation: Side) -> Validation:
    """Judge the network that is kept, float32 and whole, on its pixels; not the one that was fitted."""
    held_out = Batches(validation.rows, validation.labels, _EVALUATION_BATCH)
    outputs = np.asarray(on_pixels(model, task.spec).predict(held_out, verbose=0), np.float32)
    loss = loss_of(outputs, validation.labels, task.output)
    labels, activation = task.output.labels, task.output.activation
    return scores.judge(outputs, validation.labels, validation.files, labels, activation, loss)


def _show_augmentation(task: _Task, train: Side, path: Path, console: Console) -> None:
    augmentation = task.options.augment.of(task.recipe)
    if augmentation is None:
        console.warn("nothing to show: this training has no augmentation; pass --augment")
        return
    originals = train.rows.take(np.linspace(0, len(train) - 1, _SHOWN).astype(np.intp))
    rng = np.random.default_rng(task.options.seed)
    augmentation_sheet(originals, [augmentation.apply(originals, rng) for _ in range(_VERSIONS)], path)
    console.say(f"augmented pictures: {path}")
