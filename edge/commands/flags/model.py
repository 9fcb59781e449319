"""Options that choose the model and the runtime, and that describe a model made elsewhere."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ...arguments import probability, size, threads

if TYPE_CHECKING:
    from ...classifier import Classifier
    from ...console import Console

_DESCRIBING = ("labels", "range", "mean", "std", "color", "resize", "layout", "activation", "size")


def add(parser: argparse.ArgumentParser) -> None:
    """Add those of a run."""
    group = add_opening(parser)
    group.add_argument(
        "--threshold",
        type=probability,
        metavar="P",
        help="score below which the answer is unknown (default: the file's own)",
    )
    group.add_argument(
        "--no-check", action="store_true", help="do not repeat the proof inside the file before the first frame"
    )


def add_opening(
    parser: argparse.ArgumentParser, read_threads: Callable[[str], object] = threads, number: str = "N"
) -> argparse._ArgumentGroup:
    """Add those that a model is opened by; `read_threads` reads the number of threads, which the help calls `number`.

    Returns:
        The group of the model's, for more of them.
    """
    parser.add_argument(
        "model", type=Path, metavar="MODEL", help="a .tflite or .onnx file, or a folder with a setting (bench --pick)"
    )
    group = parser.add_argument_group("model")
    group.add_argument(
        "--interpreter",
        choices=("litert", "tflite-runtime", "onnxruntime"),
        help="what runs it (default: what is installed)",
    )
    group.add_argument(
        "--threads",
        type=read_threads,
        metavar=number,
        help="threads for one inference (default: one for each processor)",
    )
    require_signature(group)
    _describe(
        parser.add_argument_group(
            "for a model made elsewhere", "What is not said comes from the file, or is assumed, and you are told so."
        )
    )
    return group


def require_signature(parser: argparse._ActionsContainer) -> None:
    """Add the option that asks for a signature."""
    parser.add_argument(
        "--require-signature",
        type=Path,
        action="append",
        metavar="KEY",
        help="take a file only if the owner of this public key has signed it (edgeproof sign); may be repeated, for "
        "any of several keys",
    )


def _describe(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--labels", metavar="A,B,…", help="labels in the order of the outputs, or a file of lines")
    group.add_argument("--range", metavar="LOW..HIGH", help="values of a pixel of 0 and of 255: 0..1, -1..1, 0..255")
    group.add_argument(
        "--mean", metavar="M,…", help="of pixels from 0 to 1, as torchvision states it: 0.485,0.456,0.406"
    )
    group.add_argument("--std", metavar="S,…", help="goes with --mean: 0.229,0.224,0.225")
    group.add_argument("--color", choices=("rgb", "bgr", "gray"), help="order of the channels")
    group.add_argument("--resize", choices=("stretch", "center-crop"), help="how frames are fitted (default: stretch)")
    group.add_argument("--layout", choices=("nhwc", "nchw"), help="channels behind the pixels or before them")
    group.add_argument(
        "--activation", choices=("softmax", "sigmoid", "logits", "sigmoid-logits"), help="what the outputs are"
    )
    group.add_argument(
        "--size", type=size, metavar="N|HxW", help="height and width in pixels, of a model that takes any"
    )


def open_classifier(options: argparse.Namespace, console: Console) -> Classifier:
    """Open the model, with what a setting says and the flags leave open.

    Raises:
        InputError: as `obey` and `open_as_asked` do.
    """
    obey(options, console)
    return open_as_asked(options, console)


def obey(options: argparse.Namespace, console: Console) -> None:
    """Put into `options` the file, the interpreter and the threads of a setting by `edgeproof bench --pick`, if any.

    Raises:
        InputError: the model is a folder without one that holds here.
    """
    from ...settings import obeyed

    options.model, options.interpreter, options.threads = obeyed(
        options.model, options.interpreter, options.threads, console
    )


def open_as_asked(options: argparse.Namespace, console: Console) -> Classifier:
    """Open the model; says what was assumed of it, and where nobody has proven it.

    Raises:
        InputError: it cannot be used.
    """
    from ...classifier import Classifier

    classifier = Classifier.open(
        options.model,
        interpreter=options.interpreter,
        threads=options.threads,
        unknown_below=options.threshold,
        signed_by=options.require_signature,
        **{name: getattr(options, name) for name in _DESCRIBING},
    )
    _warn_of_assumptions(classifier, console)
    _warn_of_verdict(classifier, console)
    return classifier


def _warn_of_assumptions(classifier: Classifier, console: Console) -> None:
    if assumed := classifier.assumptions:
        options = ", ".join(f"--{name}" for name in dict.fromkeys(each.argument for each in assumed))
        verb = "says" if "," not in options else "say"
        console.warn(f"assumed {', '.join(map(str, assumed))}; {options} {verb} otherwise")


def _warn_of_verdict(classifier: Classifier, console: Console) -> None:
    from ...contract import Verdict

    proof = classifier.contract.proof
    if proof is None:
        console.warn("this model carries no parity proof; nobody has compared it with the network it came from")
    elif proof.verdict is not Verdict.PASS:
        console.warn(f"this model's parity verdict is {proof.verdict.value}; see its parity.json")
