"""The interpreter of a check: the file's network loaded, or why this device's runtime refuses it."""

from __future__ import annotations

import importlib.util
import re

from ..classifier import Classifier
from ..contract import Contract, ImageInput, Layout
from ..errors import InputError, UnsoundError
from ..interpreters import BACKENDS, Interpreter, open_interpreter
from ..modelfile import ModelFile
from ..quarantine import admit

# Versions of TensorFlow count the operations that a .tflite file may hold; this package is numbered like it.
_NUMBERED_AS_TENSORFLOW = "tflite-runtime"
_MINIMUM = re.compile(r"TFLite (\d+(?:\.\d+)*)")


class RefusedError(InputError):
    """The runtime of this device does not take the network; the message says why."""


def load(file: ModelFile, contract: Contract, name: str | None, threads: int | None) -> Classifier:
    """Load the network of a file.

    Args:
        file: read and verified.
        contract: what it says of itself.
        name: a key of `BACKENDS`; the first installed one where None.
        threads: for one inference.

    Raises:
        RefusedError: the runtime refuses the network, or finds other tensors in it than the contract says.
        UnsoundError: the network is not let in.
        InputError: the runtime is not installed, or is for another format.
    """
    try:
        admit(file, name, threads)
        interpreter = open_interpreter(file.model, file.format, name, threads)
    except UnsoundError:
        raise
    except InputError as error:
        if not _is_ready(file, name):
            raise
        raise RefusedError(too_old(contract, _version(file, name)) + str(error)) from error
    try:
        return Classifier(contract, interpreter)
    except InputError as error:
        raise RefusedError(_layout(contract, interpreter) or str(error)) from error


def too_old(contract: Contract, installed: str) -> str:
    """Say what the file needs beside what is installed, where its contract knows: "the file needs …; ", or "".

    Args:
        contract: of the file.
        installed: name and version of the runtime: "tflite-runtime 2.14.0".
    """
    if contract.provenance is None:
        return ""
    needed = contract.provenance.minimum_runtime
    name, _, version = installed.partition(" ")
    minimum = _MINIMUM.fullmatch(needed)
    if minimum is not None and name == _NUMBERED_AS_TENSORFLOW:
        if _numbers(version) >= _numbers(minimum[1]):
            return ""
        return f"{installed} is too old, the file needs {needed}: pip install ai-edge-litert; "
    return f"the file needs {needed}, here is {installed}: pip install --upgrade {name} if that is older; "


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def _candidates(file: ModelFile) -> list[str]:
    """List the installed runtimes of a file's format."""
    found = [name for name, backend in BACKENDS.items() if backend.format is file.format]
    return [name for name in found if importlib.util.find_spec(BACKENDS[name].package) is not None]


def _is_ready(file: ModelFile, name: str | None) -> bool:
    candidates = _candidates(file)
    return bool(candidates) if name is None else name in candidates


def _version(file: ModelFile, name: str | None) -> str:
    from importlib.metadata import version

    package = BACKENDS[name or _candidates(file)[0]].package.replace("_", "-")
    return f"{package} {version(package)}"


def _layout(contract: Contract, interpreter: Interpreter) -> str | None:
    """Say so where the network takes its channels in another place than the contract says."""
    spec, shape = contract.input, tuple(size or 1 for size in interpreter.input.shape)
    if not isinstance(spec, ImageInput):
        return None
    pixels, planes = (1, *spec.shape), (1, spec.channels, spec.height, spec.width)
    said, other = (pixels, planes) if spec.layout is Layout.NHWC else (planes, pixels)
    if shape != other or said == other:
        return None
    first, last = ("channels first", "channels last") if other == planes else ("channels last", "channels first")
    return f"wrong layout: the network takes {shape}, {first}, the contract says {said}, {last}; export it again"
