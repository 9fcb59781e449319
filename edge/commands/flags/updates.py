"""Options that let a new model file take the place of the one that answers."""

from __future__ import annotations

import argparse
import os
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from ...arguments import interval, probability, ratio, seconds
from ...errors import InputError

if TYPE_CHECKING:
    from ...classifier import Answering, Classifier
    from ...console import Console
    from ...contract import Contract

_EVERY_FOLDER, _EVERY_ADDRESS = 1.0, 60.0  # seconds
_RECORD = "updates.json"


def add(parser: argparse.ArgumentParser) -> None:
    """Add them."""
    group = parser.add_argument_group(
        "updates", "A new file is checked, answers beside the old model for a while, and then takes its place."
    )
    group.add_argument(
        "--watch", metavar="FOLDER|URL", help="take new models from here: a folder, or a file at an https:// address"
    )
    group.add_argument(
        "--watch-every",
        type=interval,
        metavar="S",
        help="look every S seconds (default: 1 for a folder, 60 for an address)",
    )
    group.add_argument(
        "--shadow",
        type=seconds,
        default=30.0,
        metavar="S",
        help="let a new model answer unseen beside the old one for S seconds (default: 30)",
    )
    group.add_argument(
        "--shadow-agreement",
        type=probability,
        default=0.8,
        metavar="P",
        help="the share of these frames on which both must agree (default: 0.8)",
    )
    group.add_argument(
        "--shadow-latency",
        type=ratio,
        default=2.0,
        metavar="N",
        help="it may take N times as long as the old one (default: 2)",
    )
    group.add_argument(
        "--probation",
        type=seconds,
        default=30.0,
        metavar="S",
        help="keep the old one ready for S seconds more (default: 30)",
    )


def check(options: argparse.Namespace, contract: Contract) -> None:
    """See to it that there can be updates as they are asked for.

    Raises:
        InputError: what is watched is no folder and no safe address, or the model has no labels to compare.
    """
    if options.watch is None:
        return
    if not contract.output.labels:
        raise InputError("expected --watch with a model that has labels, received one without; start run again with it")
    if "://" in options.watch and not Path(options.watch).exists():
        from ...sources.address import Address
        from ...updates.download import check as check_address

        check_address(Address.parse(options.watch), is_signed=_keys(options) is not None)
    elif not Path(options.watch).is_dir():
        raise InputError(f"expected a folder for --watch, received none: {options.watch}; make it")


def guarded(options: argparse.Namespace, classifier: Classifier, console: Console, stack: ExitStack) -> Answering:
    """Give what the loop asks for answers: the classifier itself, or a guard that may exchange it.

    Raises:
        InputError: another run does the same.
        OSError: the folder of the state cannot be written to.
    """
    if options.watch is None:
        return classifier
    from ...updates.folder import Folder, Found, hashed
    from ...updates.record import Record
    from ...updates.store import Store, held_alone, state_folder
    from ...updates.terms import Opening, Terms
    from ...updates.trials import Rules, Trials
    from ...updates.watcher import Watcher

    state = state_folder(os.environ, str(options.model.absolute()), options.watch)
    stack.callback(os.close, held_alone(state))
    opening = Opening(options.interpreter, options.threads, options.threshold, _keys(options))
    terms = Terms(options.shadow, options.shadow_agreement, options.shadow_latency, options.probation)
    model = Found(options.model.absolute(), hashed(options.model))
    record = Record(state / _RECORD)
    trials = Trials(model, classifier, record, Store(state), console, Rules(opening, terms))
    download, folder, every = None, Path(options.watch), options.watch_every or _EVERY_FOLDER
    if not folder.is_dir():
        from ...sources.address import Address
        from ...updates.download import Download

        download = Download(Address.parse(options.watch), state, options.watch_every or _EVERY_ADDRESS, console)
        folder, every = download.folder, _EVERY_FOLDER
    watcher = Watcher(Folder(folder.absolute()), download, trials, console, every)
    stack.callback(watcher.close)
    watcher.start()
    return trials.guard


def _keys(options: argparse.Namespace) -> tuple[str, ...] | None:
    """Give the files of the keys one of which must have signed each file, where that is required."""
    keys = options.require_signature
    return None if keys is None else tuple(str(Path(key).absolute()) for key in keys)
