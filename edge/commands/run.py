"""`edgeproof run`: a model file on frames."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from ..arguments import Parser, positive, threads
from ..errors import ExitCode, InputError

if TYPE_CHECKING:
    from ..classifier import Classifier
    from ..console import Console
    from ..contract import Contract
    from ..sinks import Sink


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = Parser("edgeproof run", description="Run a model file on frames.")
    parser.add_argument("model", type=Path, help="a .tflite or .onnx file")
    parser.add_argument(
        "source",
        nargs="?",
        default="0",
        help="camera (0, /dev/video0), video, picture, folder, hands: for a generated clip; numbers for a regression",
    )
    display = parser.add_mutually_exclusive_group()
    display.add_argument("--window", action="store_true", help="show the frames in a window")
    display.add_argument("--headless", action="store_true", help="no window (the default)")
    parser.add_argument("--json", action="store_true", help="one JSON object per frame on standard output")
    parser.add_argument("--save", type=Path, metavar="CLIP", help="write an annotated .mp4 or .avi")
    parser.add_argument("--frames", type=positive, metavar="N", help="stop after N frames")
    parser.add_argument("--interpreter", choices=("litert", "tflite-runtime", "onnxruntime"))
    parser.add_argument("--threads", type=threads, metavar="N", help="threads for one inference (default: all)")
    parser.add_argument("--strict", action="store_true", help="end at the first unreadable picture")
    parser.add_argument("--quiet", action="store_true", help="no summary")
    foreign = parser.add_argument_group("for a model without a contract")
    foreign.add_argument("--labels", metavar="A,B,…", help="labels in the order of the outputs, or a file of lines")
    foreign.add_argument("--range", metavar="LOW..HIGH", help="what a pixel of 0 and of 255 stands for (0..1)")
    foreign.add_argument("--resize", choices=("stretch", "center-crop"), help="how frames are fitted (stretch)")
    return parser


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit code.

    Raises:
        InputError: the model, the source or an output cannot be used.
    """
    options = parser().parse_args(arguments)
    # Imported here, so that --help and a mistyped option answer without OpenCV.
    from .. import loop
    from ..classifier import Classifier
    from ..console import Console
    from ..contract import NumberInput
    from ..sources import open_source

    console = Console(quiet=options.quiet)
    classifier = Classifier.open(
        options.model, interpreter=options.interpreter, threads=options.threads, contract=_assumed(options)
    )
    _warn_of_verdict(classifier, console)
    with ExitStack() as stack:
        if isinstance(classifier.contract.input, NumberInput) and (options.save or options.window):
            raise InputError("expected --save and --window with a model of pictures, received a model of numbers")
        source = open_source(options.source, classifier.contract.input, console, strict=options.strict)
        with ExitStack() as until_loop:  # which closes the source itself
            until_loop.callback(source.close)
            sinks = _open_sinks(options, stack)
            until_loop.pop_all()
        summary = loop.run(source, classifier, sinks, options.frames)
    console.say(f"{classifier.interpreter.name}: {summary}")
    return ExitCode.GOOD


def _assumed(options: argparse.Namespace) -> Contract | None:
    if options.labels is None:
        for flag in ("range", "resize"):
            if getattr(options, flag) is not None:
                raise InputError(f"expected --labels beside --{flag}, received none; --{flag} goes with --labels")
        return None
    from ..foreign import assumed_contract

    value_range, resize = options.range or "0..1", options.resize or "stretch"
    return assumed_contract(options.model, options.labels, value_range, resize, options.interpreter)


def _open_sinks(options: argparse.Namespace, stack: ExitStack) -> list[Sink]:
    from ..sinks import lines

    sinks: list[Sink] = []

    def add(sink: Sink) -> None:
        sinks.append(sink)
        stack.callback(sink.close)  # at once, because the next one may not open

    add((lines.JsonLines if options.json else lines.TextLines)(sys.stdout))
    if options.save:
        from ..sinks.clip import ClipSink

        add(ClipSink(options.save))
    if options.window:
        from ..sinks.window import WindowSink

        add(WindowSink())
    return sinks


def _warn_of_verdict(classifier: Classifier, console: Console) -> None:
    from ..contract import Verdict

    proof = classifier.contract.proof
    if proof is None:
        console.warn("this model carries no parity proof; nobody has compared it with the network it came from")
    elif proof.verdict is not Verdict.PASS:
        console.warn(f"this model's parity verdict is {proof.verdict.value}; see its parity.json")
