"""A contract from what the file says, what a person says, and what is left to assume."""

from __future__ import annotations

from pathlib import Path

from ..choices import one_of
from ..contract import Activation, Contract, Format, ImageInput, ModelOutput
from ..errors import InputError
from ..interpreters import Interpreter, open_interpreter, units_of
from ..modelfile import ModelFile, metadata
from ..modelfile.metadata import Metadata
from ..wording import printable
from . import labels, probe, tensors
from .description import Assumption, Description

_LONGEST = 200  # characters of a name that a file gives itself
_SIGMOIDS = (Activation.SIGMOID, Activation.SIGMOID_LOGITS)


def open_foreign(
    file: ModelFile, said: Description, interpreter: str | None = None, threads: int | None = None
) -> Interpreter:
    """Load a model made elsewhere, for one picture of the size that it takes.

    Args:
        file: the model.
        said: has a layout and a size, where the file leaves them open.
        interpreter: a key of `BACKENDS`; the first installed one where None.
        threads: threads for one inference; as many as this process may use where None.

    Raises:
        InputError: the runtime refuses the model, or it takes no pictures.
    """
    loaded = open_interpreter(file.model, file.format, interpreter, threads)
    try:
        shape = tensors.fixed_shape(loaded.input, said)
    except InputError as error:
        raise InputError(f"{error}: {file.name}") from error
    if None in loaded.input.shape[1:]:
        loaded = open_interpreter(file.model, file.format, interpreter, threads, shape)
    return loaded


def assumed_contract(
    file: ModelFile, loaded: Interpreter, said: Description
) -> tuple[Contract, tuple[Assumption, ...]]:
    """Supply the contract that a file lacks.

    What a person says comes first, then what the file's TFLite Metadata and its tensors say. The rest is assumed, and
    told. Where nobody says what the outputs are, the model is run on a few test pictures to see.

    Args:
        file: the model.
        loaded: the same, as `open_foreign` loads it.
        said: what a person says.

    Raises:
        InputError: there are no labels, the input is no picture, the output is no row of scores, or what is said does
            not fit them.
    """
    known = metadata.read(file.model, file.name) if file.format is Format.TFLITE else None
    names, assumed = _labels(file, said, known)
    try:
        tensors.check_output(loaded.output)
        spec, more = tensors.image_input(loaded.input, said, known)
        output, found = _output(loaded, spec, names, said, file.name)
        title = known.name if known and printable(known.name) and len(known.name) <= _LONGEST else ""
        title = title or Path(file.name).stem
        return Contract(title, spec, output), (*more, *found, *assumed)
    except (InputError, ValueError) as error:
        raise InputError(str(error) if file.name in str(error) else f"{error}: {file.name}") from error


def _labels(file: ModelFile, said: Description, known: Metadata | None) -> tuple[tuple[str, ...], list[Assumption]]:
    if said.labels is not None:
        return labels.given_labels(said.labels)
    found = labels.member_labels(known.label_files, file.members, file.name) if known else ()
    if not found:
        raise InputError(
            f"expected a contract inside the file, received none: {file.name}; export it again, or pass --labels"
        )
    return labels.told_apart(found)


def _output(
    loaded: Interpreter, spec: ImageInput, names: tuple[str, ...], said: Description, where: str
) -> tuple[ModelOutput, list[Assumption]]:
    tensor = loaded.output
    units = units_of(tensor.shape)
    assumed = []
    if said.activation is not None:
        activation = one_of(Activation, "an activation", said.activation)
    else:
        scores = probe.answers(loaded, spec)
        units = scores.shape[1]
        activation = probe.activation_of(scores, tensor.quantization.scale if tensor.quantization else 0.0)
        assumed.append(Assumption("activation", activation.value, "by its answers to test pictures"))
    names, more = labels.fit(names, units, where)
    _check_activation(activation, units)
    return ModelOutput(activation, names, tensor.dtype, tensor.quantization), assumed + more


def _check_activation(activation: Activation, units: int | None) -> None:
    if activation is Activation.LINEAR:
        raise InputError("expected an activation that gives scores, received linear; pass --activation logits")
    if units == 1 and activation not in _SIGMOIDS:
        raise InputError(f"expected sigmoid or sigmoid-logits for 1 output, received {activation.value}")
    # A contract has one unit for the two labels of a sigmoid.
    if units == 2 and activation in _SIGMOIDS:
        raise InputError(
            f"expected 1 output for the 2 labels of {activation.value}, received 2; "
            "--activation softmax reads scores as they are, logits makes them sum to 1"
        )
