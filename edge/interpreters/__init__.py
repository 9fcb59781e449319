"""One interface over every runtime: one file each, loaded only when it is the one chosen."""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from ..contract import Format, Quantization
from ..errors import InputError, missing_package
from ..wording import one_line

_LONGEST = 400  # characters of a runtime's own words, in which a model's names occur


@dataclass(frozen=True)
class TensorInfo:
    """What a runtime says of a model's input or output; a size that the model leaves open is None."""

    name: str
    shape: tuple[int | None, ...]
    dtype: str
    quantization: Quantization | None


def is_row(shape: tuple[int | None, ...]) -> bool:
    """Tell whether an output is one row of units, among any dimensions of 1: (1, 1, 1, 1001), or (1, 1000, 1, 1)."""
    return len(shape) >= 2 and shape[0] in (1, None) and sum(size not in (1, None) for size in shape[1:]) <= 1


def units_of(shape: tuple[int | None, ...]) -> int | None:
    """Count the units of a row; None where the shape leaves them open."""
    many = [size for size in shape[1:] if size not in (1, None)]
    if not many and None in shape[1:]:
        return None
    return many[0] if many else 1


class Interpreter(Protocol):
    """A model, loaded by one runtime, with one input tensor and one output tensor.

    One round is: write into `input_tensor()`, `invoke()`, read `output_tensor()`. Both arrays are only good until the
    next call of `invoke` and must not be kept: they may be the runtime's own memory.
    """

    name: str
    input: TensorInfo
    output: TensorInfo

    def input_tensor(self) -> NDArray[np.generic]:
        """Give the input tensor to write to, of the input's shape and dtype."""
        ...

    def invoke(self) -> None:
        """Run the model on what the input tensor holds.

        Raises:
            InputError: the runtime gives up on it.
        """
        ...

    def output_tensor(self) -> NDArray[np.generic]:
        """Give the raw (still quantized) output tensor of the last `invoke`."""
        ...


@dataclass(frozen=True)
class Backend:
    """One runtime: the file here that speaks to it, and what must be installed for it."""

    module: str
    package: str
    extra: str
    format: Format


# In the order of preference for each format.
BACKENDS = {
    "litert": Backend("litert", "ai_edge_litert", "edge", Format.TFLITE),
    "tflite-runtime": Backend("tflite_runtime", "tflite_runtime", "tflite-runtime", Format.TFLITE),
    "onnxruntime": Backend("onnxruntime", "onnxruntime", "onnx", Format.ONNX),
}


def open_interpreter(
    model: bytes,
    kind: Format,
    name: str | None = None,
    threads: int | None = None,
    shape: tuple[int, ...] | None = None,
) -> Interpreter:
    """Load a model.

    Args:
        model: the bytes of the flatbuffer or ModelProto.
        kind: which of the two.
        name: a key of `BACKENDS`; where None, the first installed one that takes this format.
        threads: how many processor threads one `invoke` may use; where None, as many as there are processors that this
            process may use.
        shape: of the input, where the model leaves it open.

    Raises:
        InputError: the runtime is not installed, does not take this format, or refuses the model.
    """
    module = importlib.import_module(f".{choose(kind, name).module}", __package__)
    return cast("Interpreter", module.open_model(model, threads, shape))


def choose(kind: Format, name: str | None = None) -> Backend:
    """Find the runtime for a format; raises InputError where there is none, as `open_interpreter` does."""
    chosen = name or _first_installed(kind)
    if chosen not in BACKENDS:
        raise InputError(f"expected an interpreter of {', '.join(BACKENDS)}, received {chosen!r}")
    backend = BACKENDS[chosen]
    if backend.format is not kind:
        raise InputError(f"expected a .{backend.format.value} file for {chosen}, received a .{kind.value} file")
    if not _installed(backend):
        raise missing_package(backend.package, backend.extra)
    return backend


def refused(runtime: str, kind: str, error: Exception) -> InputError:
    """Say that a model does not load; `kind` is "a TFLite" or "an ONNX"."""
    return InputError(
        f"expected {kind} model that {runtime} can run, received one it refuses: {one_line(str(error), _LONGEST)}"
    )


def failed(runtime: str, error: Exception) -> InputError:
    """Say that a model which loaded does not run."""
    return InputError(
        f"expected a model that {runtime} can run, received one that fails: {one_line(str(error), _LONGEST)}"
    )


def _first_installed(kind: Format) -> str:
    names = [name for name, backend in BACKENDS.items() if backend.format is kind]
    return next((name for name in names if _installed(BACKENDS[name])), names[0])


def _installed(backend: Backend) -> bool:
    return importlib.util.find_spec(backend.package) is not None
