"""Training a regression on numbers: a recipe, which brings its data, in; a run directory out."""

from __future__ import annotations

import time
from pathlib import Path

import keras

from ..edge.console import Console
from ..edge.contract import Activation
from ..edge.run_directory import RunRecord, Split, Validation
from . import record
from .callbacks import KeepState, ShowProgress, require_finite
from .checkpoint import State
from .models.recipe import NumberRecipe
from .options import Options


def train_numbers(recipe: NumberRecipe, out: Path, options: Options, console: Console) -> RunRecord:
    """Train a regression; no checkpoints, since it takes seconds.

    Args:
        recipe: the network and its numbers.
        out: the run directory to write.
        options: what differs from the recipe.
        console: where progress goes.

    Raises:
        InputError: the training diverges.
    """
    start = time.monotonic()
    keras.utils.set_random_seed(options.seed)
    model = recipe.build(recipe.input)
    epochs, batch_size = options.epochs or recipe.epochs, options.batch_size or recipe.batch_size
    model.compile(keras.optimizers.SGD(options.learning_rate or recipe.learning_rate), "mean_squared_error")
    x, y = recipe.samples
    keeper = KeepState(State({}), None, None)
    with console.progress("training", epochs * -(-len(x) // batch_size)) as progress:
        model.fit(x, y, batch_size=batch_size, epochs=epochs, verbose=0, callbacks=[keeper, ShowProgress(progress)])
    loss = float(model.evaluate(*recipe.held_out, verbose=0))
    require_finite(loss)
    finished = RunRecord(
        model=recipe.name,
        labels=(),
        input=recipe.input,
        activation=Activation.LINEAR,
        history=keeper.state.history,
        validation=Validation(None, loss, len(recipe.held_out[0])),
        seed=options.seed,
        data=recipe.source,
        versions=record.tools(),
        parameters=model.count_params(),
        seconds=round(time.monotonic() - start, 1),
    )
    record.write(out, model, finished, Split())
    return finished
