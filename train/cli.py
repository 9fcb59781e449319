"""`edgeproof train`: data in, a run directory out."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from ..edge import run_directory, typed_json
from ..edge.arguments import Parser, cluster, devices, epochs, fraction_above_0, pixel_range, positive, seed, size
from ..edge.atomic import check_place
from ..edge.console import Console
from ..edge.contract import Color
from ..edge.errors import ExitCode, InputError
from ..edge.native_noise import muted
from ..edge.run_directory import RunRecord
from .data import find
from .models import NAMES, OF_NUMBERS, OWN_DATA, check_name, load_recipe

if TYPE_CHECKING:
    from .models.recipe import NumberRecipe, PictureRecipe
    from .options import Options

# The options that mean something to a training on numbers; any other is refused.
_FOR_NUMBERS = frozenset(
    ("model", "out", "epochs", "batch_size", "learning_rate", "seed", "overwrite", "deterministic", "json", "quiet")
)


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit code.

    Raises:
        InputError: the model, the data or the run directory cannot be used.
    """
    wishes = _parser().parse_args(arguments)
    check_name(wishes.model)
    if wishes.model in OF_NUMBERS:
        _refuse_idle(wishes)
    console = Console(quiet=wishes.quiet)
    record = _finished(wishes, console) or _train(wishes, console)
    if wishes.json:
        print(typed_json.dumps(record), end="")  # noqa: T201 - a command prints its result
    else:
        console.say(f"{wishes.out}: {summary(record)}")
    return ExitCode.GOOD


def summary(record: RunRecord) -> str:
    """Word how a training went."""
    judged = record.validation
    score = f"loss {judged.loss:.4g}" if judged.accuracy is None else f"accuracy {judged.accuracy:.2%}"
    return f"{record.model}, validation {score} on {judged.n} sample(s)"


def _finished(wishes: argparse.Namespace, console: Console) -> RunRecord | None:
    """Give the record of a run that is there already and was asked to go on; None where there is something to do."""
    if wishes.resume and wishes.overwrite:
        raise InputError("expected --resume or --overwrite, received both; leave one out")
    begun, done = wishes.out / run_directory.CHECKPOINT, wishes.out / run_directory.RECORD
    if wishes.resume and done.exists() and not begun.exists():
        record = run_directory.read(wishes.out)[0]
        if record.model != wishes.model:
            raise InputError(
                f"expected to go on with {record.model}, received {wishes.model}: {wishes.out}; change --out"
            )
        console.say(f"nothing to go on with: this run is finished: {wishes.out}")
        return record
    for path in (done, begun):
        if path.exists() and not (wishes.overwrite or wishes.resume):
            raise InputError(
                f"expected a new run directory, received one with {path.name}: {wishes.out}; "
                "pass --overwrite, or --resume to go on with what was begun"
            )
    check_place(wishes.out)
    return None


def _refuse_idle(wishes: argparse.Namespace) -> None:
    """Refuse what would change nothing for a network of numbers.

    Raises:
        InputError: an option is set that only trainings on pictures have.
    """
    usual = _parser().parse_args([wishes.model, f"--out={wishes.out}"])
    for name, value in vars(wishes).items():
        if name not in _FOR_NUMBERS and value != getattr(usual, name):
            option = name.replace("_", "-")
            raise InputError(
                f"expected no --{option} for {wishes.model}, which learns from its own numbers; leave it out"
            )


def _train(wishes: argparse.Namespace, console: Console) -> RunRecord:
    if wishes.model in OF_NUMBERS:
        return _train_numbers(wishes, console)
    where = wishes.data or OWN_DATA.get(wishes.model)
    if where is None:
        raise InputError(f"expected --data for {wishes.model}, class folders for example, received none")
    if wishes.cluster and wishes.resume:
        raise InputError("expected --resume by a single process, received --cluster too; go on without it")
    # Before Keras is loaded, so that a mistyped path answers at once.
    pictures = find(where, wishes.validation, wishes.out, wishes.seed, console)
    _load_keras(console)
    with muted():
        from . import hardware, training

        options = _options(wishes)
        # Keras imports TensorFlow here, on any backend.
        machine = hardware.prepare(options.hardware, options.seed)
    console.say(machine.words)
    recipe = cast("PictureRecipe", load_recipe(wishes.model))
    with hardware.within_memory():
        return training.train_pictures(recipe, pictures, wishes.out, options, console, machine)


def _train_numbers(wishes: argparse.Namespace, console: Console) -> RunRecord:
    _load_keras(console)
    with muted():
        from . import hardware, numbers

        options = _options(wishes)
        hardware.prepare(options.hardware, options.seed)
    return numbers.train_numbers(cast("NumberRecipe", load_recipe(wishes.model)), wishes.out, options, console)


def _load_keras(console: Console) -> None:
    console.say("loading Keras …")
    try:
        with muted():
            import keras  # noqa: F401 - all else here imports it
    except ValueError as error:
        backend = os.environ.get("KERAS_BACKEND", "")
        raise InputError(f"expected KERAS_BACKEND=tensorflow or jax, received {backend!r}; set the variable") from error


def _options(wishes: argparse.Namespace) -> Options:
    from .hardware import Cluster, HardwareOptions
    from .models.recipe import Choices, Head
    from .options import Augment, Options

    return Options(
        seed=wishes.seed,
        epochs=wishes.epochs,
        batch_size=wishes.batch_size,
        learning_rate=wishes.learning_rate,
        size=wishes.size,
        color=Color(wishes.color) if wishes.color else None,
        augment=Augment(wishes.augment),
        network=Choices(
            head=Head(wishes.head) if wishes.head else None,
            backbone=wishes.backbone,
            weights=wishes.weights,
            weights_range=wishes.weights_range,
            trust=wishes.trust,
        ),
        show_augmentation=wishes.show_augmentation,
        cache_features=wishes.cache_features,
        patience=wishes.patience,
        resume=wishes.resume,
        tensorboard=wishes.tensorboard,
        strict=wishes.strict,
        hardware=HardwareOptions(
            mixed_precision=wishes.mixed_precision,
            xla=wishes.xla,
            deterministic=wishes.deterministic,
            memory_growth=wishes.memory_growth,
            devices=wishes.devices,
            cluster=Cluster(*wishes.cluster) if wishes.cluster else None,
        ),
    )


def _parser() -> argparse.ArgumentParser:
    parser = Parser("edgeproof train", description="Train one of the article's networks.")
    parser.add_argument("model", help=", ".join(NAMES))
    parser.add_argument("--out", type=Path, required=True, help="the run directory to make")
    _add_data(parser.add_argument_group("data"))
    _add_network(parser.add_argument_group("network"))
    _add_course(parser.add_argument_group("training"))
    _add_machine(parser.add_argument_group("machine"))
    parser.add_argument("--json", action="store_true", help="print run.json on standard output")
    parser.add_argument("--quiet", action="store_true", help="no progress")
    return parser


def _add_data(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--data",
        help="class folders; train/ and validation/ with class folders each; a folder of IDX files; FILE.npz; "
        "tfds:NAME; fashion-mnist (downloaded); hands:COUNT (generated)",
    )
    group.add_argument("--validation", help="where the pictures to validate with are, if not in --data")
    group.add_argument("--color", choices=[color.value for color in Color], help="the network's colours")
    group.add_argument("--size", type=size, help="the network's input in pixels: 96, or HEIGHTxWIDTH")
    group.add_argument(
        "--augment",
        nargs="?",
        choices=["recipe", "none", "light", "full"],
        const="full",
        default="recipe",
        help="turn, move, shear, scale and mirror the pictures; without a value, in full, as the article does",
    )
    group.add_argument("--no-augment", action="store_const", const="none", dest="augment", help="--augment none")
    group.add_argument("--show-augmentation", action="store_true", help="leave augmentation.png in --out")
    group.add_argument("--strict", action="store_true", help="end at the first unreadable picture")


def _add_network(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--head", choices=["flatten", "gap"], help="gap (global average pooling) makes a small network")
    group.add_argument("--backbone", help="for transfer: inception-v3, mobilenet-v2 or mobilenet-v3-small")
    group.add_argument("--weights", help="of the backbone: imagenet (downloaded), or a .h5 or .keras file")
    group.add_argument("--weights-range", type=pixel_range, help="of a pixel, for the weights: 0..1 or -1..1")
    group.add_argument("--trust", action="store_true", help="load a .keras file that holds more than Keras' own layers")


def _add_course(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--epochs", type=epochs)
    group.add_argument("--batch-size", type=positive)
    group.add_argument("--learning-rate", type=fraction_above_0)
    group.add_argument("--seed", type=seed, default=0)
    group.add_argument("--patience", type=positive, help="end after so many epochs without a lower validation loss")
    group.add_argument(
        "--cache-features",
        action=argparse.BooleanOptionalAction,
        help="compute a frozen backbone's features once; on where there is no augmentation",
    )
    group.add_argument("--resume", action="store_true", help="go on after the last epoch of a training that was ended")
    group.add_argument("--overwrite", action="store_true", help="replace the run in --out")
    group.add_argument("--tensorboard", action="store_true", help="write TensorBoard's logs to logs/ in --out")


def _add_machine(group: argparse._ArgumentGroup) -> None:
    choice = argparse.BooleanOptionalAction
    group.add_argument("--mixed-precision", action=choice, help="compute in float16; on where there is an accelerator")
    group.add_argument("--xla", action=choice, help="compile the step; on where there is an accelerator")
    group.add_argument("--deterministic", action=choice, default=True, help="the same bits in each run")
    group.add_argument(
        "--memory-growth", action=choice, default=True, help="take a card's memory as it is needed, on TensorFlow"
    )
    group.add_argument("--devices", type=devices, help="how many share each batch; all accelerators, or one CPU")
    group.add_argument(
        "--cluster",
        type=cluster,
        metavar="HOST:PORT/N/I",
        help="this is process I of N that train together; process 0 is at HOST:PORT (with KERAS_BACKEND=jax)",
    )
