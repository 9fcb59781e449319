"""The training by name: a network's name, its pictures and a place in; a run directory out.

Nothing here loads Keras before the name, the pictures and the place are known to be good.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import cast

from ..edge import run_directory
from ..edge.atomic import check_place
from ..edge.console import Console
from ..edge.errors import InputError
from ..edge.native_noise import muted
from ..edge.run_directory import RunRecord
from .data import find
from .hardware_options import BACKENDS, check_backend, wrong_backend
from .models import OF_NUMBERS, OWN_DATA, check_name, load_recipe
from .options import Options

# The choices that mean something to a training on numbers; any other is refused.
_FOR_NUMBERS = frozenset(("epochs", "batch_size", "learning_rate", "seed", "deterministic"))


@dataclass(frozen=True)
class Place:
    """Where a training reads and writes.

    `out` is the run directory to make, which `overwrite` lets replace one that is there. `data` and `validation` are
    what `data.find` takes; the network's own where `data` is None.
    """

    out: Path
    data: str | None = None
    validation: str | None = None
    overwrite: bool = False


def train(model: str, place: Place, options: Options, console: Console) -> RunRecord:
    """Train a network, or give the record of a run that was asked to go on and is finished.

    Args:
        model: its name, of `models.NAMES`.
        place: where its pictures are, and where the run goes.
        options: what differs from its recipe.
        console: where progress and warnings go.

    Raises:
        InputError: the name, the pictures, the place or a choice cannot be used, or the training diverges.
    """
    check_name(model)
    if model in OF_NUMBERS:
        _refuse_idle(model, place, options)
    return _finished(model, place, options, console) or (
        _train_numbers(model, place.out, options, console)
        if model in OF_NUMBERS
        else _train_pictures(model, place, options, console)
    )


def _refuse_idle(model: str, place: Place, options: Options) -> None:
    """Refuse what would change nothing for a network of numbers.

    Raises:
        InputError: something is chosen that only trainings on pictures have.
    """
    given = [("data", place.data), ("validation", place.validation)]
    idle = [name for name, value in given if value is not None]
    idle += [name for name in _chosen(options, Options()) if name not in _FOR_NUMBERS]
    for name in idle:
        option = name.replace("_", "-")
        raise InputError(f"expected no --{option} for {model}, which learns from its own numbers; leave it out")


def _chosen(options: object, usual: object) -> Iterator[str]:
    """Name the choices that differ from the usual ones, those of dataclasses within too."""
    for field in fields(options):  # type: ignore[arg-type]
        value, default = getattr(options, field.name), getattr(usual, field.name)
        if is_dataclass(default):
            yield from _chosen(value, default)
        elif value != default:
            yield field.name


def _finished(model: str, place: Place, options: Options, console: Console) -> RunRecord | None:
    """Give the record of a run that is there already and was asked to go on; None where there is something to do."""
    if options.resume and place.overwrite:
        raise InputError("expected --resume or --overwrite, received both; leave one out")
    begun, done = place.out / run_directory.CHECKPOINT, place.out / run_directory.RECORD
    if options.resume and done.exists() and not begun.exists():
        record = run_directory.read(place.out)[0]
        if record.model != model:
            raise InputError(f"expected to go on with {record.model}, received {model}: {place.out}; change --out")
        console.say(f"nothing to go on with: this run is finished: {place.out}")
        return record
    for path in (done, begun):
        if path.exists() and not (place.overwrite or options.resume):
            raise InputError(
                f"expected a new run directory, received one with {path.name}: {place.out}; "
                "pass --overwrite, or --resume to go on with what was begun"
            )
    check_place(place.out)
    return None


def _train_pictures(model: str, place: Place, options: Options, console: Console) -> RunRecord:
    where = place.data or OWN_DATA.get(model)
    if where is None:
        raise InputError(f"expected --data for {model}, class folders for example, received none")
    if options.hardware.cluster and options.resume:
        raise InputError("expected --resume by a single process, received --cluster too; go on without it")
    pictures = find(where, place.validation, place.out, options.seed, console)
    _load_keras(console)
    with muted():
        from . import hardware, training
        from .models.recipe import PictureRecipe

        # Keras imports TensorFlow here, on any backend.
        machine = hardware.prepare(options.hardware, options.seed)
    console.say(machine.words)
    recipe = cast(PictureRecipe, load_recipe(model))
    with hardware.within_memory():
        return training.train_pictures(recipe, pictures, place.out, options, console, machine)


def _train_numbers(model: str, out: Path, options: Options, console: Console) -> RunRecord:
    _load_keras(console)
    with muted():
        from . import hardware, numbers
        from .models.recipe import NumberRecipe

        hardware.prepare(options.hardware, options.seed)
    return numbers.train_numbers(cast(NumberRecipe, load_recipe(model)), out, options, console)


def _load_keras(console: Console) -> None:
    check_backend(os.environ.get("KERAS_BACKEND") or BACKENDS[0])
    console.say("loading Keras …")
    try:
        with muted():
            import keras  # noqa: F401 - all else here imports it
    except ValueError as error:  # the file keras.json names another
        raise wrong_backend(str(error)) from error
    except ModuleNotFoundError as error:
        if error.name != "tensorflow" or find_spec("jax") is None:
            raise
        raise InputError(
            "expected KERAS_BACKEND=jax, since JAX is here and TensorFlow is not, received TensorFlow, "
            "Keras' own choice; set the variable"
        ) from error
