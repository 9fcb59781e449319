"""A contract for a model made elsewhere, from flags and from what the runtime finds in the file."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from . import modelfile
from .contract import Activation, Color, Contract, ImageInput, ModelOutput, Resize
from .errors import InputError
from .interpreters import TensorInfo, open_interpreter
from .preprocess import pixel_quantization

_RANGE = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?)\.\.(-?[0-9]+(?:\.[0-9]+)?)")
_COLORS = {1: Color.GRAY, 3: Color.RGB}


def assumed_contract(
    path: Path,
    labels: str | Sequence[str],
    value_range: str | tuple[float, float],
    resize: str,
    interpreter: str | None,
) -> Contract:
    """Supply the contract that a file lacks.

    Args:
        path: the model file.
        labels: "a,b,c", the path of a file with one label a line, or the labels themselves, in the order of the
            outputs.
        value_range: what a pixel of 0 and of 255 stands for, as "0..1" or "-1..1", or the two numbers.
        resize: a value of `Resize`.
        interpreter: which runtime reads the tensors' shapes; the first installed one where None.

    Raises:
        InputError: the file has a contract already, its input is no picture of shape (1, height, width, 1 or 3), its
            output is no row of scores, or the flags do not parse.
    """
    file = modelfile.read(path)
    if file.contract is not None:
        raise InputError(f"expected a model without a contract for --labels, received one with its own: {path}")
    loaded = open_interpreter(file.model, file.format, interpreter)
    names = read_labels(labels) if isinstance(labels, str) else tuple(labels)
    _check_output(loaded.output)
    activation = Activation.SIGMOID if loaded.output.shape[-1] == 1 else Activation.SOFTMAX
    try:
        output = ModelOutput(activation, names, loaded.output.dtype, loaded.output.quantization)
        ends = parse_range(value_range) if isinstance(value_range, str) else value_range
        return Contract(path.stem, _image_input(loaded.input, ends, Resize(resize)), output)
    except ValueError as error:
        raise InputError(f"{error}: {path}") from error


def parse_range(text: str) -> tuple[float, float]:
    """Read "0..1" as (0.0, 1.0).

    Raises:
        InputError: the text is no range from low to high.
    """
    parts = _RANGE.fullmatch(text)
    if parts is None:
        raise InputError(f"expected a range such as 0..1 or -1..1, received {text!r}")
    low, high = float(parts[1]), float(parts[2])
    if not (low < high and math.isfinite(low) and math.isfinite(high)):
        raise InputError(f"expected a range from low to high, received {text!r}")
    return low, high


def _check_output(tensor: TensorInfo) -> None:
    if len(tensor.shape) != 2:
        raise InputError(f"expected an output of shape (1, units), received {tensor.shape}; use a classifier's file")
    # Whether 255 stands for 1 or for 16 is not in the file, and a threshold or a person would be misled.
    if tensor.quantization is None and tensor.dtype != "float32":
        raise InputError(
            f"expected an output of float32, received {tensor.dtype} of unknown quantization; "
            "end the model with a DequantizeLinear"
        )


def _image_input(tensor: TensorInfo, value_range: tuple[float, float], resize: Resize) -> ImageInput:
    batch, height, width, channels = tensor.shape if len(tensor.shape) == 4 else (None, None, None, None)
    if batch not in (1, None) or not height or not width or channels not in _COLORS:
        raise InputError(f"expected an input of shape (1, height, width, 1 or 3), received {tensor.shape}")
    spec = ImageInput(
        height=height,
        width=width,
        channels=channels,
        color=_COLORS[channels],
        resize=resize,
        range=value_range,
        dtype=tensor.dtype,
        quantization=tensor.quantization,
    )
    if tensor.quantization is not None or tensor.dtype == "float32":
        return spec
    # ONNX keeps no quantization beside a tensor; a uint8 tensor without one takes pixels as they are.
    if tensor.dtype != "uint8":
        raise InputError(f"expected an input of float32 or uint8, received {tensor.dtype} of unknown quantization")
    return replace(spec, quantization=pixel_quantization(spec))


def read_labels(text: str) -> tuple[str, ...]:
    """Read labels in the order of the outputs: "a,b,c", or the path of a file with one label a line.

    Lines that are numbered throughout, from 0 on, lose their numbers: Teachable Machine writes "0 rock".

    Raises:
        InputError: there are none, two are equal, or the file is no text.
    """
    # A file's name may hold a comma, but a list of many labels is longer than a name can be.
    try:
        parts = Path(text).read_text(encoding="utf-8-sig").splitlines()
    except OSError:
        parts = text.split(",")
    except ValueError as error:
        raise InputError(f"expected a text file of labels, received something else ({error}): {text}") from error
    labels = _unnumbered([part.strip() for part in parts if part.strip()])
    if not labels or len(set(labels)) != len(labels):
        raise InputError(f"expected labels that differ, received {text!r}")
    return labels


def _unnumbered(lines: list[str]) -> tuple[str, ...]:
    numbered = [line.split(maxsplit=1) for line in lines]
    if all(len(words) == 2 and words[0] == str(index) for index, words in enumerate(numbered)):
        return tuple(label for _, label in numbered)
    return tuple(lines)
