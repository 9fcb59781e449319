"""The export and the parity gate as functions, for a program of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..edge.choices import one_of
from ..edge.console import Console
from ..edge.contract import Format, Precision
from ..edge.errors import InputError
from . import comparison_options
from .comparison import compare as compare_models
from .copies import parse_pattern
from .network_files import load_tensorflow
from .options import Described, Options
from .parity.report import ParityReport
from .parity.verdict import Margins


# Long because each of its arguments is described.
def export(
    model: str | Path,
    precisions: Sequence[str] = ("int8",),
    formats: Sequence[str] = ("tflite", "onnx"),
    *,
    data: str | Path | None = None,
    calibration: str | Path | None = None,
    evaluate: str | Path | None = None,
    out: str | Path | None = None,
    margin: float = 1.0,
    class_margin: float = 5.0,
    auto: bool = False,
    group: str | None = None,
    labels: str | Sequence[str] | None = None,
    range: tuple[float, float] | None = None,  # noqa: A002 - as the option is called
    resize: str | None = None,
    color: str | None = None,
    size: tuple[int, int] | None = None,
    activation: str | None = None,
    name: str | None = None,
    trust: bool = False,
    strict: bool = False,
    quiet: bool = True,
) -> ParityReport:
    """Export a network in every chosen format and precision, judge each file, and write them, as `edgeproof export`.

    Files are written whatever the verdict, which they carry: look at the report's `verdict` before a file is used.

    Args:
        model: a run directory, a .keras or .h5 file, or a SavedModel's folder.
        precisions: of "int8", "int16x8", "dynamic", "fp16" and "fp32"; where there are none, all of them.
        formats: of "tflite" and "onnx".
        data: where a run's pictures are, if they have moved.
        calibration: a folder of pictures that fix the ranges of int8; a run has its own.
        evaluate: class folders of pictures to judge by; a run has its own.
        out: the folder for the files; the run directory, or the one beside the model, where None.
        margin: accuracy that may be lost, in points.
        class_margin: accuracy that may be lost in one class, in points.
        auto: where int8 does not pass, try what is larger or slower.
        group: a regular expression whose first group names the photo that a picture is a copy of.
        labels: of a model made elsewhere, in the order of its outputs: a list, "a,b,c", or a file with one a line.
        range: likewise, the values of a pixel of 0 and of 255.
        resize: likewise, "stretch" or "center-crop".
        color: likewise, "rgb", "bgr" or "gray".
        size: likewise, height and width in pixels, where the network takes any.
        activation: likewise, "softmax", "sigmoid" or "linear", where the network does not tell.
        name: likewise, how the files begin.
        trust: load a network that holds more than Keras' own layers, or than operators that compute.
        strict: end at the first unreadable picture, which is otherwise named and left out.
        quiet: no progress on standard error; warnings are left.

    Returns:
        The content of parity.json, which has verdicts, accuracies from 0 to 1, latencies in ms, sizes in bytes, and why
        a file fails.

    Raises:
        InputError: the network, its pictures or a choice cannot be used, or it cannot be converted.
    """
    options = Options(
        precisions=[one_of(Precision, "precisions", text) for text in precisions] or None,
        formats=[one_of(Format, "formats", text) for text in formats],
        margins=_margins(margin, class_margin),
        data=_path(data),
        strict=strict,
        trust=trust,
        calibration=_path(calibration),
        evaluate=_path(evaluate),
        out=_path(out),
        auto=auto,
        group=None if group is None else parse_pattern(group),
        described=Described.in_words(labels, range, resize, color, size, activation, name),
    )
    model, console = _existing(model), Console(quiet=quiet)
    load_tensorflow(console)
    from .exporter import export

    return export(model, options, console)


# Long because each of its arguments is described.
def compare(
    *candidates: str | Path,
    reference: str | Path | None = None,
    data: str | Path | None = None,
    margin: float = 1.0,
    class_margin: float = 5.0,
    group: str | None = None,
    labels: str | Sequence[str] | None = None,
    range: tuple[float, float] | None = None,  # noqa: A002 - as the option is called
    resize: str | None = None,
    color: str | None = None,
    size: tuple[int, int] | None = None,
    activation: str | None = None,
    interpreter: str | None = None,
    threads: int | None = None,
    trust: bool = False,
    strict: bool = False,
    quiet: bool = True,
) -> ParityReport:
    """Hold models against a reference, on pictures, as `edgeproof parity` does; nothing is exported or written.

    Args:
        candidates: model files, run directories, or models made elsewhere.
        reference: likewise; the run directory that the first candidate lies in where None.
        data: class folders of pictures; those that the run is judged by where None.
        margin: accuracy that may be lost, in points.
        class_margin: accuracy that may be lost in one class, in points.
        group: a regular expression whose first group names the photo that a picture is a copy of.
        labels: of models without a contract, in the order of their outputs: a list, "a,b,c", or a file with one a line.
        range: likewise, the values of a pixel of 0 and of 255.
        resize: likewise, "stretch" or "center-crop".
        color: likewise, "rgb", "bgr" or "gray".
        size: likewise, height and width in pixels, where the network takes any.
        activation: likewise, "softmax", "sigmoid" or "linear", where the network does not tell.
        interpreter: "litert", "tflite-runtime" or "onnxruntime"; the first installed one where None.
        threads: threads for one inference; as many as the processors that this process may use where None.
        trust: load networks that hold more than Keras' own layers, or than operators that compute.
        strict: end at the first unreadable picture, which is otherwise named and left out.
        quiet: no progress on standard error; warnings are left.

    Returns:
        The content of parity.json, which has every candidate's verdict, its accuracy from 0 to 1, and, where it fails,
        why.

    Raises:
        InputError: a model, the pictures or a choice cannot be used, or the labels differ.
    """
    if not candidates:
        raise InputError("expected at least one model file, received none")
    files = [_existing(candidate) for candidate in candidates]
    options = comparison_options.Options(
        margins=_margins(margin, class_margin),
        data=_path(data),
        described=Described.in_words(labels, range, resize, color, size, activation),
        group=None if group is None else parse_pattern(group),
        strict=strict,
        trust=trust,
        interpreter=interpreter,
        threads=threads,
    )
    return compare_models(_existing(reference or files[0].parent), files, options, Console(quiet=quiet))


def _existing(path: str | Path) -> Path:
    if not Path(path).exists():
        raise InputError(f"expected a run directory or a model file, received no such folder or file: {path}")
    return Path(path)


def _path(path: str | Path | None) -> Path | None:
    return None if path is None else Path(path)


def _margins(whole: float, one_class: float) -> Margins:
    try:
        return Margins(whole / 100, one_class / 100)
    except ValueError as error:
        raise InputError(f"{error}; give points, as in margin=1.0") from None
