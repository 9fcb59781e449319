"""`edgeproof train`: data in, a run directory out."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from ..edge import run_directory, typed_json
from ..edge.arguments import Parser, positive, seed
from ..edge.atomic import check_place
from ..edge.console import Console
from ..edge.errors import ExitCode, InputError
from ..edge.native_noise import muted


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit code.

    Raises:
        InputError: the model, the data or the run directory cannot be used.
    """
    options = _parser().parse_args(arguments)
    if (options.out / run_directory.RECORD).exists() and not options.overwrite:
        raise InputError(
            f"expected a new run directory, received one that holds a run: {options.out}; pass --overwrite"
        )
    if options.data is not None and not options.data.is_dir():
        raise InputError(f"expected a folder of class folders, received no such folder: {options.data}")
    check_place(options.out)
    # Imported here, so that --help and a mistyped path answer without loading TensorFlow.
    console = Console(quiet=options.quiet)
    console.say("loading Keras …")
    with muted():
        from . import training
        from .models import recipe
        from .models.recipe import NumberRecipe

    chosen = recipe(options.model)
    wishes = training.Options(options.seed, options.epochs, options.batch_size, options.augment, options.strict)
    if isinstance(chosen, NumberRecipe):
        record = training.train_numbers(chosen, options.out, wishes, console)
    elif options.data is None:
        raise InputError(f"expected --data with class folders for {chosen.name}, received none")
    else:
        record = training.train_pictures(chosen, options.data, options.out, wishes, console)
    if options.json:
        print(typed_json.dumps(record), end="")  # noqa: T201 - a command prints its result
    else:
        console.say(f"{options.out}: {summary(record)}")
    return ExitCode.GOOD


def summary(record: run_directory.RunRecord) -> str:
    """Word how a training went."""
    judged = record.validation
    score = f"loss {judged.loss:.4g}" if judged.accuracy is None else f"accuracy {judged.accuracy:.2%}"
    return f"{record.model}, validation {score} on {judged.n} sample(s)"


def _parser() -> argparse.ArgumentParser:
    parser = Parser("edgeproof train", description="Train one of the article's networks.")
    # The names are listed by `models`, which is not imported before they are needed.
    parser.add_argument("model", help="hello, cats-dogs or rps")
    parser.add_argument("--data", type=Path, help="class folders, or train/ and validation/ with class folders each")
    parser.add_argument("--out", type=Path, required=True, help="the run directory to make")
    parser.add_argument("--epochs", type=positive)
    parser.add_argument("--batch-size", type=positive)
    parser.add_argument(
        "--augment", action=argparse.BooleanOptionalAction, default=True, help="turn, move and mirror the pictures"
    )
    parser.add_argument("--seed", type=seed, default=0)
    parser.add_argument("--overwrite", action="store_true", help="replace the run in --out")
    parser.add_argument("--strict", action="store_true", help="end at the first unreadable picture")
    parser.add_argument("--json", action="store_true", help="print run.json on standard output")
    parser.add_argument("--quiet", action="store_true", help="no progress")
    return parser
