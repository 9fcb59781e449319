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
from ..source_names import may_be_live
from ..supervision import supervisor
from .flags import answers, lasting, model, outputs, source, updates, web

if TYPE_CHECKING:
    from ..classifier import Classifier
    from ..proof.report import CheckReport
    from ..supervision.pulse import Pulse


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = Parser("edgeproof run", description="Run a model file on frames.")
    parser.add_argument("--frames", type=positive, metavar="N", help="stop after N frames")
    for noun in (model, source, lasting, answers, outputs, web, updates):
        noun.add(parser)
    return parser


def main(arguments: Sequence[str]) -> int:
    """Run the command in this process; returns its exit code.

    Raises:
        InputError: the model, the source or an output cannot be used.
    """
    return _run(parser().parse_args(arguments), None)


def program(arguments: Sequence[str]) -> int:
    """Run the command as a program of its own: a camera in a worker process, which is started again when it crashes.

    It returns in the worker as well as in the process that it is called in.

    Raises:
        InputError: as in `main`.
    """
    options = parser().parse_args(arguments)
    if may_be_live(options.source) and supervisor.is_possible():
        return supervisor.supervised(lambda pulse: _run(options, pulse))
    return _run(options, None)


def _run(options: argparse.Namespace, pulse: Pulse | None) -> int:
    # Imported here, so that --help and a mistyped option answer without OpenCV, and the supervisor does without it.
    from .. import loop
    from ..console import Console
    from ..heap import give_back_large_blocks
    from ..supervision.absence import Absence

    if may_be_live(options.source):  # which may last for months; a folder or a clip is answered faster without
        give_back_large_blocks()
    console = Console(quiet=options.quiet)
    classifier = model.open_classifier(options, console)
    outputs.check(options, classifier)
    web.check(options, classifier.contract)
    updates.check(options, classifier.contract)
    report = None if options.no_check else _check(options.model, classifier)
    if report is not None and report.code != ExitCode.GOOD:
        return ExitCode.FAILED
    absence = Absence(console)
    with ExitStack() as stack:
        # What answered in an earlier worker is no mistake of the command line, and is waited for.
        waits = options.wait or (pulse is not None and pulse.answers > 0)
        frames = lasting.open_frames(options, classifier.contract.input, console, absence, waits=waits)
        if report is not None:  # only now, because a source that cannot be opened is to be one line
            console.say(f"checked {len(report.frames)} golden frame(s) in {report.milliseconds or 0.0:.0f} ms")
        with ExitStack() as until_loop:  # which closes the source itself
            until_loop.callback(frames.close)
            sinks = outputs.open_sinks(options, stack, classifier, console)
            sinks += web.open_sinks(options, classifier.contract, console, stack)
            answering = updates.guarded(options, classifier, console, stack)
            until_loop.pop_all()
        vigil, limit = lasting.vigil(options, frames, absence, sinks, pulse), _left(options.frames, pulse)
        steady, name = answers.steady(options, classifier), classifier.interpreter.name
        del classifier  # so that one which another has taken the place of leaves its memory
        summary = loop.run(frames, answering, sinks, limit, steady, vigil)
        _finish()
    console.say(f"{name}: {summary}")
    return ExitCode.GOOD


def _left(frames: int | None, pulse: Pulse | None) -> int | None:
    """Count the frames that are still to be answered; the workers before this one have answered some."""
    return frames if frames is None or pulse is None else max(0, frames - pulse.answers)


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
