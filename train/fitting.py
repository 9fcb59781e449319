"""The fit: a compiled network, its batches, and what is kept between epochs."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from ..edge.console import Console
from ..edge.contract import Activation, ModelOutput
from ..edge.errors import missing_package
from ..edge.run_directory import CHECKPOINT
from . import checkpoint, optimizers
from .batches import Batches
from .callbacks import KeepState, ShowProgress, StartEpoch
from .checkpoint import State
from .feeding import fed
from .hardware import Machine
from .models.recipe import Optimizer, PictureRecipe
from .options import Options

LOGS = "logs"
_LOSSES = {Activation.SOFTMAX: "sparse_categorical_crossentropy", Activation.SIGMOID: "binary_crossentropy"}
_OPTIMIZERS = {Optimizer.RMSPROP: optimizers.RMSprop, Optimizer.ADAM: optimizers.Adam}


@dataclass(frozen=True)
class Course:
    """How a fit goes: `settings` are what makes it this training; `out` is where checkpoints and logs are kept.

    With `writes` unset nothing is kept: another process does.
    """

    epochs: int
    out: Path
    settings: dict[str, str]
    patience: int | None = None
    resume: bool = False
    tensorboard: bool = False
    writes: bool = True


def compiled(
    trainer: keras.Model, recipe: PictureRecipe, output: ModelOutput, options: Options, steps: int, machine: Machine
) -> keras.Model:
    """Compile a network for a training of so many steps: loss and optimizer follow from the recipe and the output."""
    rate = options.learning_rate or recipe.learning_rate
    # Small sets train to the end of the schedule; a rate that stays high leaves the last epochs to chance.
    optimizer = _OPTIMIZERS[recipe.optimizer](
        keras.optimizers.schedules.CosineDecay(rate, steps) if recipe.decay else rate
    )
    # Weighted where batches may hold samples that count for nothing.
    metrics = "metrics" if machine.strategy is None else "weighted_metrics"
    trainer.compile(optimizer, _LOSSES[output.activation], jit_compile=machine.compiles, **{metrics: ["accuracy"]})
    return trainer


def loss_of(outputs: NDArray[np.float32], labels: NDArray[np.int64], output: ModelOutput) -> float:
    """Compute the mean loss of outputs, float32 (n, units), for labels, int64 (n,)."""
    loss = keras.losses.get(_LOSSES[output.activation])
    wanted = labels[:, None].astype(np.float32) if output.activation is Activation.SIGMOID else labels
    return float(np.mean(np.asarray(loss(wanted, outputs))))


def fit(
    trainer: keras.Model, batches: Batches, held_out: Batches, course: Course, console: Console
) -> dict[str, tuple[float, ...]]:
    """Fit a compiled network; returns one value per epoch of each loss and metric.

    A checkpoint is written after each epoch; `course.resume` goes on after the last one, where there is one. Without it
    a checkpoint of an earlier training is taken away.

    Raises:
        InputError: the training diverges, or the checkpoint is of another one.
    """
    path = course.out / CHECKPOINT
    state, best = State(course.settings), None
    if course.resume and path.exists():
        state, best = checkpoint.restore(path, trainer, course.settings)
        console.say(f"going on after epoch {state.epochs} of {course.epochs}")
    elif course.writes:
        path.unlink(missing_ok=True)
    keeper = KeepState(state, path if course.writes else None, course.patience, best)
    if keeper.ended or state.epochs >= course.epochs:
        keeper.put_best_back(trainer)
        return state.history
    with console.progress("training", (course.epochs - state.epochs) * len(batches)) as progress:
        callbacks = [StartEpoch(batches), keeper, ShowProgress(progress)]
        if course.tensorboard and course.writes:
            callbacks.append(keras.callbacks.TensorBoard(course.out / LOGS))
        trainer.fit(
            fed(batches),
            validation_data=fed(held_out),
            initial_epoch=state.epochs,
            epochs=course.epochs,
            callbacks=callbacks,
            shuffle=False,  # the batches have an order of their own for each epoch
            verbose=0,
        )
    return keeper.state.history


def require_tensorboard() -> None:
    """Look for what writes TensorBoard's logs.

    Raises:
        InputError: a package is missing.
    """
    for package, extra in (("tensorflow", "train"), ("tensorboard", "tensorboard")):
        if find_spec(package) is None:
            raise missing_package(package, extra)
