"""`edgeproof export`: a run directory in; proven model files out."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from ..edge.arguments import Parser, points
from ..edge.console import Console
from ..edge.contract import Format, Precision
from ..edge.errors import InputError
from ..edge.native_noise import muted


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns 0 where every file passed, 1 where one failed, 3 where one could not be decided.

    Raises:
        InputError: the run, its pictures or an option cannot be used.
    """
    options = _parser().parse_args(arguments)
    precisions = [precision for precision in Precision if getattr(options, precision.value)]
    if not precisions and not options.all:
        wishes = " ".join(f"--{precision.value}" for precision in Precision)
        raise InputError(f"expected at least one precision ({wishes} --all), received none")
    if not options.run.is_dir():
        raise InputError(f"expected a run directory made by `edgeproof train`, received no such folder: {options.run}")
    formats = parse_formats(options.format)
    # Imported here, so that --help and a mistyped path answer without loading TensorFlow.
    console = Console(quiet=options.quiet)
    console.say("loading TensorFlow …")
    with muted():
        from ..edge import typed_json
        from .exporter import Options, export
        from .parity.report import parity_table
        from .parity.verdict import Margins, exit_code, worst

    margins = Margins(options.margin / 100, options.class_margin / 100)
    wanted = Options(None if options.all else precisions, formats, margins, options.data, options.strict, options.trust)
    report = export(options.run, wanted, console)
    text = typed_json.dumps(report).rstrip() if options.json else parity_table(report.candidates)
    print(text)  # noqa: T201 - a command prints its result
    return exit_code(worst([candidate.verdict for candidate in report.candidates]))


def parse_formats(text: str) -> list[Format]:
    """Read "tflite,onnx".

    Raises:
        InputError: a word is no format.
    """
    try:
        return [Format(word.strip()) for word in text.split(",")]
    except ValueError:
        names = ", ".join(kind.value for kind in Format)
        raise InputError(f"expected formats of {names}, received {text!r}") from None


def _parser() -> argparse.ArgumentParser:
    parser = Parser("edgeproof export", description="Export a run to .tflite and .onnx, with the parity proof.")
    parser.add_argument("run", type=Path, help="a directory made by `edgeproof train`")
    parser.add_argument("--int8", action="store_true", help="integers throughout, from uint8 pixels on")
    parser.add_argument("--int16x8", action="store_true", help="activations of int16, weights of int8 (.tflite only)")
    parser.add_argument("--dynamic", action="store_true", help="weights of int8, the rest floats (.tflite only)")
    parser.add_argument("--fp16", action="store_true", help="weights of float16")
    parser.add_argument("--fp32", action="store_true", help="floats, as trained")
    parser.add_argument("--all", action="store_true", help="every precision")
    parser.add_argument("--format", default="tflite,onnx", help="which files to make (default: tflite,onnx)")
    parser.add_argument("--data", type=Path, help="where the run's pictures are, if they have moved")
    parser.add_argument("--margin", type=points, default=1.0, metavar="POINTS", help="accuracy that may be lost (1.0)")
    parser.add_argument(
        "--class-margin", type=points, default=5.0, metavar="POINTS", help="likewise, in one class (5.0)"
    )
    parser.add_argument("--strict", action="store_true", help="end at the first unreadable picture")
    parser.add_argument("--trust", action="store_true", help="load a network that holds more than Keras' own layers")
    parser.add_argument("--json", action="store_true", help="print parity.json on standard output")
    parser.add_argument("--quiet", action="store_true", help="no progress")
    return parser
