"""Options that choose the model and the runtime."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ...arguments import probability, threads
from ...errors import InputError

if TYPE_CHECKING:
    from ...classifier import Classifier
    from ...console import Console
    from ...contract import Contract


def add(parser: argparse.ArgumentParser) -> None:
    """Add them."""
    parser.add_argument("model", type=Path, help="a .tflite or .onnx file")
    group = parser.add_argument_group("model")
    group.add_argument("--interpreter", choices=("litert", "tflite-runtime", "onnxruntime"))
    group.add_argument("--threads", type=threads, metavar="N", help="threads for one inference (default: all)")
    group.add_argument(
        "--threshold", type=probability, metavar="P", help="score under which the answer is unknown (the file's own)"
    )
    group.add_argument(
        "--no-check", action="store_true", help="do not repeat the proof inside the file before the first frame"
    )
    foreign = parser.add_argument_group("for a model without a contract")
    foreign.add_argument("--labels", metavar="A,B,…", help="labels in the order of the outputs, or a file of lines")
    foreign.add_argument("--range", metavar="LOW..HIGH", help="what a pixel of 0 and of 255 stands for (0..1)")
    foreign.add_argument("--resize", choices=("stretch", "center-crop"), help="how frames are fitted (stretch)")


def open_classifier(options: argparse.Namespace, console: Console) -> Classifier:
    """Open the model; says so where nobody has proven it.

    Raises:
        InputError: it cannot be used.
    """
    from ...classifier import Classifier

    classifier = Classifier.open(
        options.model,
        interpreter=options.interpreter,
        threads=options.threads,
        contract=_assumed(options),
        unknown_below=options.threshold,
    )
    _warn_of_verdict(classifier, console)
    return classifier


def _assumed(options: argparse.Namespace) -> Contract | None:
    if options.labels is None:
        for flag in ("range", "resize"):
            if getattr(options, flag) is not None:
                raise InputError(f"expected --labels beside --{flag}, received none; --{flag} goes with --labels")
        return None
    from ...foreign import assumed_contract

    value_range, resize = options.range or "0..1", options.resize or "stretch"
    return assumed_contract(options.model, options.labels, value_range, resize, options.interpreter)


def _warn_of_verdict(classifier: Classifier, console: Console) -> None:
    from ...contract import Verdict

    proof = classifier.contract.proof
    if proof is None:
        console.warn("this model carries no parity proof; nobody has compared it with the network it came from")
    elif proof.verdict is not Verdict.PASS:
        console.warn(f"this model's parity verdict is {proof.verdict.value}; see its parity.json")
