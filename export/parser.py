"""The command line of `edgeproof export`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ..edge.arguments import Parser, output_file, pixel_range, points, size
from ..edge.contract import Activation, CalibrationMethod, Color, Format, Precision, Resize
from ..edge.errors import InputError
from .conversion.choices import Quantizing
from .copies import parse_pattern
from .options import Described, Options
from .parity.verdict import Margins

_PRECISIONS = {
    Precision.INT8: "integers throughout, from uint8 pixels on",
    Precision.INT16X8: "activations of int16, weights of int8 (.tflite only)",
    Precision.DYNAMIC: "weights of int8, the rest floats (.tflite only)",
    Precision.FLOAT16: "weights of float16",
    Precision.FLOAT32: "floats, as trained",
}


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = Parser("edgeproof export", description="Export a network to .tflite and .onnx, with the parity proof.")
    parser.add_argument(
        "model", type=Path, metavar="MODEL", help="a run directory, a .keras or .h5 file, or a SavedModel's folder"
    )
    _add_files(parser.add_argument_group("files"))
    _add_pictures(parser.add_argument_group("pictures"))
    elsewhere = parser.add_argument_group("for a model made elsewhere")
    add_described(elsewhere)
    elsewhere.add_argument("--name", metavar="NAME", help="how the exported files begin (default: as the model's file)")
    proof = parser.add_argument_group("proof")
    add_proof(proof)
    proof.add_argument("--auto", action="store_true", help="where int8 does not pass, try what is larger or slower")
    parser.add_argument("--trust", action="store_true", help="load a network that holds more than Keras' own layers")
    parser.add_argument("--json", action="store_true", help="print parity.json on standard output")
    parser.add_argument("--junit", type=output_file, metavar="FILE", help="write the verdicts as JUnit XML")
    parser.add_argument("--summary", type=output_file, metavar="FILE", help="append a summary in Markdown to a file")
    parser.add_argument("--quiet", action="store_true", help="no progress")
    return parser


def _add_files(group: argparse._ArgumentGroup) -> None:
    for precision, what in _PRECISIONS.items():
        group.add_argument(f"--{precision.value}", action="store_true", help=what)
    group.add_argument("--all", action="store_true", help="every precision")
    group.add_argument(
        "--format", default="tflite,onnx", metavar="A,B", help="which files to make (default: tflite,onnx)"
    )
    group.add_argument(
        "--calibrator",
        choices=[method.value for method in CalibrationMethod],
        default=CalibrationMethod.MIN_MAX.value,
        help="what finds the ranges of int8 in .onnx (default: min-max, the only one of .tflite)",
    )
    group.add_argument(
        "--reduce-range", action="store_true", help="weights of 7 bits in .onnx, for x86 processors without VNNI"
    )
    group.add_argument("--out", type=Path, metavar="FOLDER", help="where files go (default: beside the model)")


def _add_pictures(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--data", type=Path, metavar="FOLDER", help="where the run's pictures are, if they have moved")
    group.add_argument(
        "--calibration", type=Path, metavar="FOLDER", help="pictures that fix the ranges of int8 (default: the run's)"
    )
    group.add_argument(
        "--evaluate",
        type=Path,
        metavar="FOLDER",
        help="class folders to judge by (default: the run's; of a model made elsewhere, some of --calibration's)",
    )
    group.add_argument("--strict", action="store_true", help="end at the first unreadable picture")


def add_described(group: argparse._ArgumentGroup) -> None:
    """Add what a model made elsewhere does not say of itself."""
    group.add_argument("--labels", metavar="A,B,…", help="labels in the order of the outputs, or a file of lines")
    group.add_argument(
        "--range", type=pixel_range, metavar="LOW..HIGH", help="values of a pixel of 0 and of 255: 0..1, -1..1, 0..255"
    )
    group.add_argument(
        "--resize", choices=[way.value for way in Resize], help="how pictures are fitted (default: stretch)"
    )
    group.add_argument("--color", choices=[order.value for order in Color], help="order of the channels (default: rgb)")
    group.add_argument(
        "--size", type=size, metavar="N|HxW", help="height and width in pixels, where the network takes any"
    )
    group.add_argument(
        "--activation",
        choices=[kind.value for kind in (Activation.SOFTMAX, Activation.SIGMOID, Activation.LINEAR)],
        help="what the outputs are, where the network does not tell",
    )


def add_proof(group: argparse._ArgumentGroup) -> None:
    """Add what every comparison asks: the margins, and how copies of a photo are told."""
    group.add_argument(
        "--margin",
        type=points,
        default=1.0,
        metavar="POINTS",
        help="points of accuracy that may be lost (default: 1.0)",
    )
    group.add_argument(
        "--class-margin", type=points, default=5.0, metavar="POINTS", help="the same for any one class (default: 5.0)"
    )
    group.add_argument(
        "--group", metavar="REGEX", help="the first group names the photo that a picture is a copy of: '(.*)_aug'"
    )


def options(words: argparse.Namespace) -> Options:
    """Read what a command line chose.

    Raises:
        InputError: no precision is chosen, or a format or a name is none.
    """
    precisions = [precision for precision in reversed(_PRECISIONS) if getattr(words, precision.value)]
    if not precisions and not words.all:
        wishes = " ".join(f"--{precision.value}" for precision in _PRECISIONS)
        raise InputError(f"expected at least one precision ({wishes} --all), received none")
    formats = parse_formats(words.format)
    return Options(
        precisions=None if words.all else precisions,
        formats=formats,
        margins=Margins(words.margin / 100, words.class_margin / 100),
        data=words.data,
        strict=words.strict,
        trust=words.trust,
        calibration=words.calibration,
        evaluate=words.evaluate,
        out=words.out,
        auto=words.auto,
        group=parse_pattern(words.group) if words.group else None,
        quantizing=_quantizing(words, formats),
        described=replace(described(words), name=words.name),
    )


def described(words: argparse.Namespace) -> Described:
    """Read what `add_described` added."""
    return Described.in_words(words.labels, words.range, words.resize, words.color, words.size, words.activation)


def _quantizing(words: argparse.Namespace, formats: Sequence[Format]) -> Quantizing:
    quantizing = Quantizing(CalibrationMethod(words.calibrator), words.reduce_range)
    if quantizing != Quantizing() and Format.ONNX not in formats:
        raise InputError("expected --format onnx with --calibrator and --reduce-range, received --format tflite")
    return quantizing


def parse_formats(text: str) -> list[Format]:
    """Read "tflite,onnx".

    Raises:
        InputError: a word is no format.
    """
    try:
        return list(dict.fromkeys(Format(word.strip()) for word in text.split(",")))
    except ValueError:
        names = ", ".join(kind.value for kind in Format)
        raise InputError(f"expected formats of {names}, received {text!r}") from None
