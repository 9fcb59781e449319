"""`edgeproof check`: the proof inside a model file, repeated on this device."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from ..arguments import Parser, threads
from .flags import model


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = Parser(
        "edgeproof check",
        description="Repeat the proof inside a model file on this device. "
        "Ends with 0 where answers are the workstation's, 1 where they are not, 3 where the file carries no proof.",
    )
    parser.add_argument("model", type=Path, metavar="MODEL", help="a .tflite or .onnx file")
    parser.add_argument(
        "--interpreter",
        choices=("litert", "tflite-runtime", "onnxruntime"),
        help="what runs it (default: what is installed)",
    )
    parser.add_argument(
        "--threads", type=threads, metavar="N", help="threads for one inference (default: one for each processor)"
    )
    model.require_signature(parser)
    parser.add_argument("--json", action="store_true", help="every number, as JSON")
    return parser


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit code.

    Raises:
        InputError: the file is missing, no model, or not signed as asked for, or its runtime is not installed.
    """
    options = parser().parse_args(arguments)
    # Imported here, so that --help and a mistyped option answer without OpenCV.
    from .. import typed_json
    from ..proof.check import check

    report = check(options.model, options.interpreter, options.threads, options.require_signature)
    # In ASCII, which every stream's encoding holds.
    text = json.dumps(typed_json.to_plain(report), allow_nan=False) if options.json else "\n".join(report.lines())
    print(text)  # noqa: T201 - a command prints its result
    return report.code
