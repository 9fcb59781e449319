"""A .tflite or .onnx file that takes part in a comparison."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from ..edge import modelfile
from ..edge.classifier import Classifier
from ..edge.contract import Activation, Contract, ImageInput, Resize
from ..edge.errors import InputError
from ..edge.foreign import assumed_contract
from ..edge.interpreters import open_interpreter
from ..edge.modelfile import ModelFile
from .options import Described

_RANGE = (0.0, 1.0)  # as `edgeproof run` has it


@dataclass(frozen=True)
class OpenedFile:
    """The bytes, and the classifier that they make; `described` where options had to supply the contract."""

    file: ModelFile
    classifier: Classifier
    described: bool


def open_file(
    path: Path,
    described: Described,
    *,
    like: ImageInput | None = None,
    interpreter: str | None = None,
    threads: int | None = None,
) -> OpenedFile:
    """Open a model file; one without a contract is taken for what `described` says.

    Args:
        path: a .tflite or .onnx file.
        described: has labels, where the file has no contract.
        like: gives the interpolation, where the file has no contract.
        interpreter: a key of `BACKENDS`; the first installed one where None.
        threads: threads for one inference; as many as the machine has where None.

    Raises:
        InputError: the file cannot be used, or is not as it is described.
    """
    file = modelfile.read(path)
    contract = file.contract
    try:
        if contract is None:
            contract = _assumed(path, described, like, interpreter)
        classifier = Classifier(contract, open_interpreter(file.model, file.format, interpreter, threads))
    except (InputError, ValueError) as error:
        raise InputError(str(error) if str(path) in str(error) else f"{error}: {path}") from error
    return OpenedFile(file, classifier, file.contract is None)


def _assumed(path: Path, described: Described, like: ImageInput | None, interpreter: str | None) -> Contract:
    if described.labels is None:
        raise InputError(f"expected a contract in the file, received none: {path}; pass --labels")
    resize = described.resize or Resize.STRETCH
    contract = assumed_contract(path, described.labels, described.range or _RANGE, resize.value, interpreter)
    spec, output = contract.input, contract.output
    if not isinstance(spec, ImageInput):
        raise TypeError("expected a contract of pictures")
    if described.size not in (None, (spec.height, spec.width)):
        height, width = described.size or (0, 0)
        raise InputError(f"expected --size {spec.height}x{spec.width}, as the file takes it, received {height}x{width}")
    spec = replace(spec, color=described.color or spec.color)
    spec = replace(spec, interpolation=like.interpolation if like else spec.interpolation)
    # Outputs that are said to be no scores are read as scores all the same, as the device would.
    if described.activation not in (None, Activation.LINEAR):
        output = replace(output, activation=described.activation)
    return replace(contract, input=spec, output=output)
