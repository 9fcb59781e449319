"""`edgeproof export`: a run directory, or a model made elsewhere, in; proven model files out."""

from __future__ import annotations

from collections.abc import Sequence

from ..edge.console import Console
from ..edge.errors import InputError
from ..edge.native_noise import muted
from ..edge.verdicts import exit_code
from .parser import options as chosen
from .parser import parser


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns 0 where every file passed, 1 where one failed, 3 where one could not be decided.

    Raises:
        InputError: the model, its pictures or an option cannot be used.
    """
    words = parser().parse_args(arguments)
    options = chosen(words)
    if not words.model.exists():
        raise InputError(f"expected a run directory or a model file, received no such folder or file: {words.model}")
    # Imported here, so that --help and a mistyped path answer without loading TensorFlow.
    console = Console(quiet=words.quiet)
    console.say("loading TensorFlow …")
    with muted():
        from ..edge import typed_json
        from .exporter import export
        from .parity import junit, summary
        from .parity.report import parity_table

    report = export(words.model, options, console)
    if words.junit:
        junit.write(words.junit, report)
    if words.summary:
        summary.append(words.summary, report)
    text = typed_json.dumps(report).rstrip() if words.json else parity_table(report)
    print(text)  # noqa: T201 - a command prints its result
    return exit_code(report.verdict)
