"""The classifier: a model file, ready to answer frames."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from . import modelfile, quarantine
from .contract import Contract, ModelOutput, listed
from .errors import InputError
from .foreign import Assumption, Description
from .interpreters import Interpreter, TensorInfo, is_row, open_interpreter, units_of
from .preprocess import InputWriter, read_image
from .scores import ScoreReader


@dataclass(frozen=True)
class Latency:
    """Milliseconds that one answer took, by stage."""

    preprocess: float
    invoke: float
    total: float


@dataclass(frozen=True)
class Origin:
    """Which model an answer is from, where that may change during a run: its file's name and hash, and what it says."""

    file: str
    sha256: str
    name: str
    interpreter: str
    unknown_below: float

    @classmethod
    def of(cls, classifier: Classifier, file: str, sha256: str) -> Origin:
        """Describe an open model whose file is called `file`."""
        contract = classifier.contract
        return cls(file, sha256, contract.name, classifier.interpreter.name, contract.output.unknown_below)


@dataclass(frozen=True)
class Prediction:
    """One answer.

    `scores` are the dequantized outputs, float32 of shape (units,). `probabilities` holds one value per label, in the
    contract's order, and is empty for a regression, where `label` is None and the scores are the answer. `origin` says
    which model it is from, where that may change.
    """

    label: str | None
    score: float
    scores: NDArray[np.float32]
    probabilities: dict[str, float]
    latency: Latency
    origin: Origin | None = None


class Answering(Protocol):
    """What a loop needs of a model, or of several that take one another's place."""

    def classify(self, sample: NDArray[np.generic]) -> Prediction:
        """Answer one frame, or one vector of numbers.

        Raises:
            InputError: the sample has another shape or dtype.
        """
        ...


class Classifier:
    """A model behind its contract: frames in, predictions out.

    `contract` says what the model takes and gives. `assumptions` list what was assumed of a file without a contract and
    which argument of `open` says otherwise; they are empty where the file or the caller says everything. `members` are
    what rides in a signed file, by name, so that nothing of it is read from the disk again; None for any other.
    `origin` goes with each answer. A classifier belongs to one thread at a time: each thread opens its own.

    Raises:
        InputError: the contract does not fit the tensors that the runtime found in the model.
    """

    def __init__(self, contract: Contract, interpreter: Interpreter, assumptions: tuple[Assumption, ...] = ()) -> None:
        _check_fit(contract, interpreter)
        self.contract = contract
        self.interpreter = interpreter
        self.assumptions = assumptions
        self.members: Mapping[str, bytes] | None = None
        self.origin: Origin | None = None
        self._writer = InputWriter(contract.input)
        self._reader = ScoreReader(contract.output)

    # Long because each of its arguments is described.
    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        interpreter: str | None = None,
        threads: int | None = None,
        contract: Contract | None = None,
        unknown_below: float | None = None,
        labels: str | Path | Sequence[str] | None = None,
        range: str | tuple[float, float] | None = None,  # noqa: A002 - the contract's word
        mean: str | Sequence[float] | None = None,
        std: str | Sequence[float] | None = None,
        color: str | None = None,
        resize: str | None = None,
        layout: str | None = None,
        activation: str | None = None,
        size: tuple[int, int] | None = None,
        signed_by: str | Path | Sequence[str | Path] | None = None,
    ) -> Classifier:
        """Open a model file.

        A file of `edgeproof export` needs nothing but its path. For one made elsewhere, the arguments from `labels` on
        say what neither its TFLite Metadata nor its tensors do, or contradict them; `assumptions` list what is left.

        Args:
            path: a .tflite or .onnx file.
            interpreter: "litert", "tflite-runtime" or "onnxruntime"; the first installed one where None.
            threads: threads for one inference; as many as the processors that this process may use where None.
            contract: what to believe of a file that carries no contract.
            unknown_below: score under which the answer is "unknown"; the contract's own where None.
            labels: in the order of the outputs: a list, "a,b,c", or the path of a file with one a line.
            range: what a pixel of 0 and of 255 stands for: (0, 1), (-1, 1), or "-1..1".
            mean: what is taken off a pixel of 0 to 1, as torchvision states it; one number, or one for each channel in
                the order of `color`; a list, or "0.485,0.456,0.406".
            std: what the rest is divided by.
            color: "rgb", "bgr" or "gray", the order of the channels.
            resize: "stretch" or "center-crop", how a frame of any shape becomes the model's height and width.
            layout: "nhwc" or "nchw", where the shape of the input does not tell.
            activation: "softmax", "sigmoid", "logits" or "sigmoid-logits", what the outputs are; a model of which
                nobody says it is run on a few test pictures to see.
            size: height and width in pixels, where the file leaves them open.
            signed_by: the file of a public key, or several of which one must have signed the model's file; it is
                checked before anything else, and None asks for no signature.

        Raises:
            SignatureError: none of the keys has signed the file as it is.
            InputError: the file is missing or damaged, its runtime is not installed, it carries no contract and no
                labels while none are given, or what is given does not fit it.
        """
        file = modelfile.read(Path(path), _key_files(signed_by))
        quarantine.admit(file, interpreter, threads, size)
        said = Description(labels, range, mean, std, color, resize, layout, activation, size)
        contract = file.contract or contract
        assumptions: tuple[Assumption, ...] = ()
        if contract is None:
            from .foreign.contracts import assumed_contract, open_foreign

            loaded = open_foreign(file, said, interpreter, threads)
            contract, assumptions = assumed_contract(file, loaded, said)
        elif said.given():
            raise InputError(
                f"expected a model without a contract for --{said.given()[0]}, received one with its own: {path}"
            )
        else:
            loaded = open_interpreter(file.model, file.format, interpreter, threads)
        if unknown_below is not None:
            contract = replace(contract, output=replace(contract.output, unknown_below=unknown_below))
        made = cls(contract, loaded, assumptions)
        made.members = None if signed_by is None else file.members
        return made

    def classify(self, sample: NDArray[np.generic]) -> Prediction:
        """Answer one frame (BGR, uint8, shape (height, width, 3)) or one vector of numbers (shape (count,)).

        Raises:
            InputError: the sample has another shape or dtype.
        """
        start = time.perf_counter()
        self.fill(sample)
        return self.answer_filled(start)

    def fill(self, sample: NDArray[np.generic]) -> None:
        """Preprocess a sample into the interpreter's input tensor; raises as `classify` does."""
        self._writer.write(sample, self.interpreter.input_tensor())

    def answer_filled(self, start: float | None = None) -> Prediction:
        """Answer what `fill` has left in the input tensor; `start`, of `time.perf_counter`, is when that began."""
        ready = time.perf_counter()
        start = ready if start is None else start
        self.interpreter.invoke()
        invoked = time.perf_counter()
        scores, label, score, probabilities = self._reader.read(self._stored_scores())
        end = time.perf_counter()
        latency = Latency((ready - start) * 1e3, (invoked - ready) * 1e3, (end - start) * 1e3)
        return Prediction(label, score, scores, probabilities, latency, self.origin)

    def classify_each(self, samples: Iterable[NDArray[np.generic]]) -> Iterator[Prediction]:
        """Answer samples one at a time, each when its answer is asked for; raises as `classify` does."""
        return map(self.classify, samples)

    def classify_batch(self, samples: Iterable[NDArray[np.generic]]) -> list[Prediction]:
        """Answer samples, a list or an array of shape (count, height, width, 3); raises as `classify` does.

        They run one after the other, as a file of edgeproof takes one at a time; nothing is gained but a line of code.
        """
        return list(self.classify_each(samples))

    def classify_file(self, path: str | Path) -> Prediction:
        """Answer a picture's file, turned as its EXIF orientation says.

        Raises:
            InputError: it cannot be read or is no picture, or the model takes none.
        """
        return self.classify(read_image(Path(path)))

    def _stored_scores(self) -> NDArray[np.generic]:
        stored = self.interpreter.output_tensor()
        units = self.contract.output.units
        # A model that leaves its sizes open shows them only here.
        if units not in (None, stored.size) or not is_row(stored.shape):
            raise InputError(
                f"expected an output of shape (1, {units or 'units'}), received {stored.shape}; pass --labels"
            )
        return stored.reshape(-1)


def _key_files(signed_by: str | Path | Sequence[str | Path] | None) -> tuple[Path, ...] | None:
    if signed_by is None:
        return None
    return tuple(map(Path, [signed_by] if isinstance(signed_by, (str, Path)) else signed_by))


def _check_fit(contract: Contract, interpreter: Interpreter) -> None:
    expected = (1, *contract.input.tensor_shape)
    found = tuple(size or 1 for size in interpreter.input.shape)
    if found != expected or interpreter.input.dtype != contract.input.dtype:
        raise InputError(
            f"expected an input tensor {contract.input.dtype} {expected} as the contract says, "
            f"received {interpreter.input.dtype} {found}; export the model again"
        )
    shape = interpreter.output.shape
    if not is_row(shape):
        raise InputError(f"expected an output tensor of shape (1, units), received {shape}; use a classifier's file")
    units, found_units = contract.output.units, units_of(shape)
    if units is not None and found_units not in (units, None):
        raise InputError(
            f"expected {found_units} label(s) for as many outputs, "
            f"received {units}: {listed(contract.output.labels)}; pass --labels"
        )
    _check_output(contract.output, interpreter.output)


def _check_output(output: ModelOutput, found: TensorInfo) -> None:
    # A runtime that does not say how a tensor is quantized leaves that to the contract.
    if output.dtype != found.dtype or found.quantization not in (None, output.quantization):
        raise InputError(
            f"expected an output tensor {output.dtype} with {output.quantization} as the contract says, "
            f"received {found.dtype} with {found.quantization}; export the model again"
        )
