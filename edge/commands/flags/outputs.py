"""Options that choose where answers go; any number together."""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from ...contract import NumberInput
from ...errors import InputError

if TYPE_CHECKING:
    from ...classifier import Classifier
    from ...sinks import Sink


def add(parser: argparse.ArgumentParser) -> None:
    """Add them."""
    group = parser.add_argument_group("outputs, any number together")
    display = group.add_mutually_exclusive_group()
    display.add_argument("--window", action="store_true", help="show the frames in a window")
    display.add_argument("--headless", action="store_true", help="no window (the default)")
    group.add_argument("--json", action="store_true", help="one JSON object per frame on standard output")
    group.add_argument("--save", type=Path, metavar="CLIP", help="write an annotated .mp4 or .avi")
    group.add_argument("--quiet", action="store_true", help="no summary")


def check(options: argparse.Namespace, classifier: Classifier) -> None:
    """See to it that the outputs can show what the model answers.

    Raises:
        InputError: pictures are to be shown of a model of numbers.
    """
    if isinstance(classifier.contract.input, NumberInput) and (options.save or options.window):
        raise InputError("expected --save and --window with a model of pictures, received a model of numbers")


def open_sinks(options: argparse.Namespace, stack: ExitStack) -> list[Sink]:
    """Open every output; the stack closes them.

    Raises:
        InputError: one of them does not open; those before it are closed by the stack.
    """
    from ...sinks import lines

    sinks: list[Sink] = []

    def add(sink: Sink) -> None:
        sinks.append(sink)
        stack.callback(sink.close)  # at once, because the next one may not open

    add((lines.JsonLines if options.json else lines.TextLines)(sys.stdout))
    if options.save:
        from ...sinks.clip import ClipSink

        add(ClipSink(options.save))
    if options.window:
        from ...sinks.window import WindowSink

        add(WindowSink())
    return sinks
