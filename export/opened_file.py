"""A .tflite or .onnx file that takes part in a comparison."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from ..edge import modelfile
from ..edge.classifier import Classifier
from ..edge.contract import Activation, Contract, ImageInput, Layout
from ..edge.errors import InputError
from ..edge.foreign import Description
from ..edge.foreign.contracts import assumed_contract, open_foreign
from ..edge.foreign.labels import read_labels
from ..edge.interpreters import Interpreter, open_interpreter, units_of
from ..edge.modelfile import ModelFile
from ..edge.quarantine import admit
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
    try:
        admit(file, interpreter, threads, described.size)
        if file.contract is None:
            classifier = _described(file, described, like, interpreter, threads)
        else:
            classifier = Classifier(file.contract, open_interpreter(file.model, file.format, interpreter, threads))
    except (InputError, ValueError) as error:
        raise InputError(str(error) if str(path) in str(error) else f"{error}: {path}") from error
    return OpenedFile(file, classifier, file.contract is None)


def _described(
    file: ModelFile, described: Described, like: ImageInput | None, interpreter: str | None, threads: int | None
) -> Classifier:
    if described.labels is None:
        raise InputError(f"expected a contract in the file, received none: {file.name}; pass --labels")
    said = Description(
        labels=read_labels(described.labels) if isinstance(described.labels, str) else described.labels,
        range=described.range or _RANGE,
        color=described.color,
        resize=described.resize,
        layout=Layout.NHWC.value,
        size=described.size,
    )
    loaded = open_foreign(file, said, interpreter, threads)
    contract, _ = assumed_contract(file, loaded, replace(said, activation=_activation(described, loaded)))
    return Classifier(_like(contract, like), loaded)


def _activation(described: Described, loaded: Interpreter) -> Activation:
    # Outputs that are said to be no scores are read as scores all the same, as the device would.
    if described.activation not in (None, Activation.LINEAR):
        return described.activation
    return Activation.SIGMOID if units_of(loaded.output.shape) == 1 else Activation.SOFTMAX


def _like(contract: Contract, like: ImageInput | None) -> Contract:
    if like is None or not isinstance(contract.input, ImageInput):
        return contract
    return replace(contract, input=replace(contract.input, interpolation=like.interpolation))
