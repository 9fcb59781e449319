"""`edgeproof bench`: how fast a model is on this machine, and which of several is the fastest."""

from __future__ import annotations

import argparse
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..arguments import Parser, interval, positive, threads
from ..errors import ExitCode, InputError
from .flags import model

if TYPE_CHECKING:
    from ..benching.report import Effort
    from ..benching.surroundings import Surroundings
    from ..classifier import Classifier
    from ..console import Console

_SWEEP = "sweep"
_SECONDS, _PICK_SECONDS = 5.0, 40.0


class _Parser(Parser):
    """A parser whose model may be left out."""

    def add_argument(self, *names: str, **how: Any) -> argparse.Action:
        """Add an argument; --compare and --pick take the place of `model`."""
        return super().add_argument(*names, **(how | ({"nargs": "?"} if names == ("model",) else {})))


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = _Parser("edgeproof bench", description="Measure a model on this machine.")
    model.add_opening(parser, _threads, f"N|{_SWEEP}")
    parser.set_defaults(threshold=None)  # the file's own: how long an answer takes does not depend on it
    which = parser.add_argument_group("in the place of a model")
    which.add_argument("--compare", nargs=2, type=Path, metavar=("A", "B"), help="two models, frame by frame in turn")
    which.add_argument(
        "--pick",
        nargs="+",
        type=Path,
        metavar="PATH",
        help="files of one network, or their folder: find the fastest whose parity has passed, for run to use",
    )
    effort = parser.add_argument_group("effort")
    effort.add_argument(
        "--seconds",
        type=interval,
        metavar="S",
        help=f"seconds for each measurement (default: {_SECONDS:g}), or for all of --pick (default: {_PICK_SECONDS:g})",
    )
    effort.add_argument("--frames", type=positive, metavar="N", help="frames of each measurement, at most")
    parser.add_argument("--json", action="store_true", help="everything as one JSON object")
    parser.add_argument("--quiet", action="store_true", help="results only")
    return parser


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit code.

    1 where none of the files to pick from has passed its parity, 3 where the time was too short to try all.

    Raises:
        InputError: a model cannot be used.
    """
    options = parser().parse_args(arguments)
    # Imported here, so that --help and a mistyped option answer without OpenCV.
    from ..console import Console

    _check(options)
    console = Console(quiet=options.quiet)
    if options.pick:
        return _pick(options, console)
    return _compare(options, console) if options.compare else _measure(options, console)


def _threads(text: str) -> int | str:
    return _SWEEP if text == _SWEEP else threads(text)


def _check(options: argparse.Namespace) -> None:
    chosen = [name for name in ("model", "compare", "pick") if getattr(options, name)]
    if len(chosen) != 1:
        raise InputError(f"expected a model, --compare or --pick, received {' and '.join(chosen) or 'none'}")
    if options.threads == _SWEEP and not options.model:
        raise InputError(f"expected --threads {_SWEEP} with one model, received --{chosen[0]}; leave it out")
    if options.pick and (options.threads or options.interpreter or options.frames):
        raise InputError(
            "expected --pick without --threads, --interpreter and --frames, which it tries; leave them out"
        )


def _measure(options: argparse.Namespace, console: Console) -> int:
    from ..benching.report import report_model
    from ..benching.sweep import thread_counts
    from ..benching.tables import model_text
    from ..interpreters import processors

    sweep = options.threads == _SWEEP
    options.threads = None if sweep else options.threads
    model.obey(options, console)
    usable = processors.usable()
    counts = thread_counts(usable) if sweep else (options.threads or usable,)
    opener = _Opener(options, options.model, console)
    report = report_model(
        opener.open, options.model, options.interpreter, counts, _effort(options), options.require_signature
    )
    return _tell(report, model_text(report), report.surroundings, options, console)


def _compare(options: argparse.Namespace, console: Console) -> int:
    from ..benching.report import report_comparison
    from ..benching.tables import comparison_text

    openers = [_Opener(options, path, console) for path in options.compare]
    report = report_comparison([opener.open for opener in openers], options.compare, _effort(options))
    return _tell(report, comparison_text(report), report.surroundings, options, console)


def _pick(options: argparse.Namespace, console: Console) -> int:
    from ..benching.pick import pick
    from ..benching.tables import pick_text

    report = pick(options.pick, options.seconds or _PICK_SECONDS, console, options.require_signature)
    _tell(report, pick_text(report), report.surroundings, options, console)
    if report.setting is not None:
        console.say(f"written: {report.written}, which edgeproof run obeys")
        return ExitCode.GOOD
    if report.untried:
        console.warn("the time was too short to try all, so nothing was chosen; give it more --seconds")
        return ExitCode.INCONCLUSIVE
    console.warn("no file here has passed its parity and runs, so nothing was chosen")
    return ExitCode.FAILED


def _effort(options: argparse.Namespace) -> Effort:
    from ..benching.report import Effort

    return Effort(options.seconds or _SECONDS, options.frames)


def _tell(
    report: object, text: str, surroundings: Surroundings, options: argparse.Namespace, console: Console
) -> ExitCode:
    from .. import typed_json

    for warning in surroundings.warnings:
        console.warn(warning)
    print(json.dumps(typed_json.to_plain(report)) if options.json else text)  # noqa: T201 - a command prints its result
    return ExitCode.GOOD


class _Opener:
    """Opens one model with any number of threads; what is to be said of the model is said once."""

    def __init__(self, options: argparse.Namespace, path: Path, console: Console) -> None:
        self._options, self._path, self._console = options, path, console

    def open(self, threads: int | None = None) -> Classifier:
        """Open it; with as many threads as the options say, where None."""
        from ..console import Console

        words = vars(self._options) | {"model": self._path, "threads": threads or self._options.threads}
        classifier = model.open_as_asked(argparse.Namespace(**words), self._console)
        self._console = Console(stream=io.StringIO())
        return classifier
