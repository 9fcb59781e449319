"""`edgeproof doctor`: what this device has, and what to do about the rest."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from ..arguments import Parser
from ..errors import InputError

_ROOT = Path("/")


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = Parser(
        "edgeproof doctor",
        description="Look at this device, and say what to do about what is amiss. Ends with 1 at a problem.",
    )
    parser.add_argument(
        "model", type=Path, metavar="MODEL", nargs="?", help="a .tflite or .onnx file to check here too"
    )
    parser.add_argument("--json", action="store_true", help="findings and the facts under them, as JSON")
    return parser


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit code.

    Raises:
        InputError: the model file is missing.
    """
    options = parser().parse_args(arguments)
    if options.model is not None and not options.model.is_file():
        raise InputError(f"expected a model file, received none: {options.model}")
    from .. import typed_json
    from ..doctor.examination import examine

    found = examine(_ROOT, options.model)
    text = json.dumps(typed_json.to_plain(found)) if options.json else "\n".join(map(str, found.findings))
    print(text)  # noqa: T201 - a command prints its result
    return found.code
