"""`edgeproof parity`: models held against a reference, on pictures."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from ..edge import typed_json
from ..edge.arguments import Parser, output_file, threads
from ..edge.console import Console
from ..edge.errors import InputError
from ..edge.interpreters import BACKENDS
from ..edge.verdicts import exit_code
from .comparison import compare
from .comparison_options import Options
from .copies import parse_pattern
from .parity.report import ParityReport, parity_table
from .parity.verdict import Margins
from .parser import add_described, add_proof, described

_MODELS = "a run directory, a .keras or .h5 file, a SavedModel's folder, or a .tflite or .onnx file"


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns 0 where every file passed, 1 where one failed, 3 where one could not be decided.

    Raises:
        InputError: a model, the pictures or an option cannot be used.
    """
    words = _parser().parse_args(arguments)
    for path in (words.reference, *words.candidates):
        if not path.exists():
            raise InputError(f"expected a run directory or a model file, received no such file: {path}")
    report = compare(words.reference, words.candidates, _options(words), Console(quiet=words.quiet))
    _write(words, report)
    text = typed_json.dumps(report).rstrip() if words.json else parity_table(report)
    print(text)  # noqa: T201 - a command prints its result
    return exit_code(report.verdict)


def _options(words: argparse.Namespace) -> Options:
    return Options(
        margins=Margins(words.margin / 100, words.class_margin / 100),
        data=words.data,
        described=described(words),
        group=parse_pattern(words.group) if words.group else None,
        strict=words.strict,
        trust=words.trust,
        interpreter=words.interpreter,
        threads=words.threads,
    )


def _write(words: argparse.Namespace, report: ParityReport) -> None:
    # Imported here: a verdict takes no templates and no drawings.
    if words.report:
        from .parity.page import page

        page.write(words.report, report, Path(report.dataset.path))
    if words.junit:
        from .parity import junit

        junit.write(words.junit, report)
    if words.summary:
        from .parity import summary

        summary.append(words.summary, report)


def _parser() -> argparse.ArgumentParser:
    parser = Parser("edgeproof parity", description="Hold models against a reference, on pictures.")
    parser.add_argument("reference", type=Path, metavar="REFERENCE", help=_MODELS)
    parser.add_argument("candidates", type=Path, nargs="+", metavar="CANDIDATE", help="likewise")
    parser.add_argument(
        "--data", type=Path, metavar="FOLDER", help="class folders of pictures (default: what the run is judged by)"
    )
    add_proof(parser.add_argument_group("proof"))
    add_described(parser.add_argument_group("for models made elsewhere"))
    runtime = parser.add_argument_group("for candidates of .tflite and .onnx")
    runtime.add_argument("--interpreter", choices=tuple(BACKENDS), help="what runs them (default: what is installed)")
    runtime.add_argument(
        "--threads", type=threads, metavar="N", help="threads for one inference (default: one for each processor)"
    )
    parser.add_argument("--strict", action="store_true", help="end at the first unreadable picture")
    parser.add_argument("--trust", action="store_true", help="load a network that holds more than Keras' own layers")
    parser.add_argument("--json", action="store_true", help="print the whole report on standard output")
    parser.add_argument("--report", type=output_file, metavar="FILE", help="write a page for people, HTML")
    parser.add_argument("--junit", type=output_file, metavar="FILE", help="write the verdicts as JUnit XML")
    parser.add_argument("--summary", type=output_file, metavar="FILE", help="append a summary in Markdown to a file")
    parser.add_argument("--quiet", action="store_true", help="no progress")
    return parser
