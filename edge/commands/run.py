"""`edgeproof run`: a model file on frames."""

from __future__ import annotations

import argparse
import signal
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from .. import streams
from ..arguments import Parser, positive
from ..errors import ExitCode
from .flags import answers, model, outputs, source, web

if TYPE_CHECKING:
    from ..classifier import Classifier
    from ..proof.report import CheckReport


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = Parser("edgeproof run", description="Run a model file on frames.")
    parser.add_argument("--frames", type=positive, metavar="N", help="stop after N frames")
    for noun in (model, source, answers, outputs, web):
        noun.add(parser)
    return parser


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit code.

    Raises:
        InputError: the model, the source or an output cannot be used.
    """
    options = parser().parse_args(arguments)
    # Imported here, so that --help and a mistyped option answer without OpenCV.
    from .. import loop
    from ..console import Console
    from ..heap import give_back_large_blocks

    give_back_large_blocks()
    console = Console(quiet=options.quiet)
    classifier = model.open_classifier(options, console)
    outputs.check(options, classifier)
    web.check(options, classifier.contract)
    report = None if options.no_check else _check(options.model, classifier)
    if report is not None and report.code != ExitCode.GOOD:
        return ExitCode.FAILED
    with ExitStack() as stack:
        frames = source.open_frames(options, classifier.contract.input, console)
        if report is not None:  # only now, because a source that cannot be opened is to be one line
            console.say(f"checked {len(report.frames)} golden frame(s) in {report.milliseconds or 0.0:.0f} ms")
        with ExitStack() as until_loop:  # which closes the source itself
            until_loop.callback(frames.close)
            sinks = outputs.open_sinks(options, stack, classifier, console)
            sinks += web.open_sinks(options, classifier.contract, console, stack)
            until_loop.pop_all()
        summary = loop.run(frames, classifier, sinks, options.frames, answers.steady(options, classifier))
        _finish()
    console.say(f"{classifier.interpreter.name}: {summary}")
    return ExitCode.GOOD


def _check(path: Path, classifier: Classifier) -> CheckReport | None:
    """Repeat the proof in the file, and say what fails of it; None where it carries none."""
    from ..proof.repeat import check_at_start
    from ..proof.report import reason

    report = check_at_start(path, classifier)
    if report is not None and report.code != ExitCode.GOOD:
        why = f"expected the workstation's answers, received others, {reason(report.stages)}"
        streams.complain(f"{why}; edgeproof check says more, --no-check runs it all the same: {path}")
    return report


def _finish() -> None:
    # From here on only what was begun is finished, within a second, and then the process ends: another signal that asks
    # for its end would leave a file half-written.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
