"""`edgeproof parity`: model files held against a reference, on pictures."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from ..edge import typed_json
from ..edge.arguments import Parser, output_file
from ..edge.console import Console
from ..edge.errors import InputError
from .comparison import Options, compare
from .copies import parse_pattern
from .parity import junit, summary
from .parity.page import page
from .parity.report import parity_table
from .parity.verdict import Margins, exit_code
from .parser import add_proof
from .sides import Belief


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns 0 where every file passed, 1 where one failed, 3 where one could not be decided.

    Raises:
        InputError: a file, the pictures or an option cannot be used.
    """
    options = _parser().parse_args(arguments)
    for path in (options.reference, *options.candidates):
        if not path.exists():
            raise InputError(f"expected a run directory or a model file, received no such file: {path}")
    chosen = Options(
        margins=Margins(options.margin / 100, options.class_margin / 100),
        data=options.data,
        belief=Belief(options.labels, options.range, options.resize),
        group=parse_pattern(options.group) if options.group else None,
        strict=options.strict,
        trust=options.trust,
    )
    report = compare(options.reference, options.candidates, chosen, Console(quiet=options.quiet))
    if options.report:
        page.write(options.report, report, Path(report.dataset.path))
    if options.junit:
        junit.write(options.junit, report)
    if options.summary:
        summary.append(options.summary, report)
    text = typed_json.dumps(report).rstrip() if options.json else parity_table(report)
    print(text)  # noqa: T201 - a command prints its result
    return exit_code(report.verdict)


def _parser() -> argparse.ArgumentParser:
    parser = Parser("edgeproof parity", description="Hold model files against a reference, on pictures.")
    parser.add_argument("reference", type=Path, help="a run directory, or a .tflite or .onnx file")
    parser.add_argument("candidates", type=Path, nargs="+", metavar="candidate", help="a .tflite or .onnx file")
    parser.add_argument("--data", type=Path, help="class folders of pictures (default: what the run is judged by)")
    add_proof(parser.add_argument_group("proof"))
    parser.add_argument("--labels", help="of files without a contract: a,b,c or a file with one label a line")
    parser.add_argument("--range", help="of files without a contract: the values of a pixel of 0 and 255, as -1..1")
    parser.add_argument("--resize", help="of files without a contract: stretch or center-crop")
    parser.add_argument("--strict", action="store_true", help="end at the first unreadable picture")
    parser.add_argument("--trust", action="store_true", help="load a network that holds more than Keras' own layers")
    parser.add_argument("--json", action="store_true", help="print the whole report on standard output")
    parser.add_argument("--report", type=output_file, metavar="FILE", help="write a page for people, HTML")
    parser.add_argument("--junit", type=output_file, metavar="FILE", help="write the verdicts as JUnit XML")
    parser.add_argument("--summary", type=output_file, metavar="FILE", help="append a summary in Markdown to a file")
    parser.add_argument("--quiet", action="store_true", help="no progress")
    return parser
