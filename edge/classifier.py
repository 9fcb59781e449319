"""The classifier: a model file, ready to answer frames."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from . import modelfile
from .contract import Contract, ModelOutput
from .errors import InputError
from .interpreters import Interpreter, TensorInfo, open_interpreter
from .preprocess import InputWriter
from .scores import ScoreReader


@dataclass(frozen=True)
class Latency:
    """Milliseconds that one answer took, by stage."""

    preprocess: float
    invoke: float
    total: float


@dataclass(frozen=True)
class Prediction:
    """One answer.

    `scores` are the dequantized outputs, float32 of shape (units,). `probabilities` holds one value per label, in the
    contract's order, and is empty for a regression, where `label` is None and the scores are the answer.
    """

    label: str | None
    score: float
    scores: NDArray[np.float32]
    probabilities: dict[str, float]
    latency: Latency


class Classifier:
    """A model behind its contract: frames in, predictions out.

    Raises:
        InputError: the contract does not fit the tensors that the runtime found in the model.
    """

    def __init__(self, contract: Contract, interpreter: Interpreter) -> None:
        _check_fit(contract, interpreter)
        self.contract = contract
        self.interpreter = interpreter
        self._writer = InputWriter(contract.input)
        self._reader = ScoreReader(contract.output)

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        interpreter: str | None = None,
        threads: int | None = None,
        contract: Contract | None = None,
        unknown_below: float | None = None,
    ) -> Classifier:
        """Open a model file.

        Args:
            path: a .tflite or .onnx file.
            interpreter: "litert", "tflite-runtime" or "onnxruntime"; the first installed one where None.
            threads: threads for one inference; as many as the machine has where None.
            contract: what to believe of a file that carries no contract.
            unknown_below: score under which the answer is "unknown"; the contract's own where None.

        Raises:
            InputError: the file is missing, damaged, carries no contract while none is given, or its runtime is not
                installed.
        """
        file = modelfile.read(Path(path))
        contract = file.contract or contract
        if contract is None:
            raise InputError(
                f"expected a contract inside the file, received none: {path}; export it again, or pass --labels"
            )
        if unknown_below is not None:
            contract = replace(contract, output=replace(contract.output, unknown_below=unknown_below))
        return cls(contract, open_interpreter(file.model, file.format, interpreter, threads))

    def classify(self, sample: NDArray[np.generic]) -> Prediction:
        """Answer one frame (BGR, uint8, shape (height, width, 3)) or one vector of numbers (shape (count,)).

        Raises:
            InputError: the sample has another shape or dtype.
        """
        start = time.perf_counter()
        self._writer.write(sample, self.interpreter.input_tensor())
        ready = time.perf_counter()
        self.interpreter.invoke()
        invoked = time.perf_counter()
        scores, label, score, probabilities = self._reader.read(self._stored_scores())
        end = time.perf_counter()
        latency = Latency((ready - start) * 1e3, (invoked - ready) * 1e3, (end - start) * 1e3)
        return Prediction(label, score, scores, probabilities, latency)

    def _stored_scores(self) -> NDArray[np.generic]:
        stored = self.interpreter.output_tensor()
        units = self.contract.output.units
        # A model that leaves its sizes open shows them only here.
        if units not in (None, stored.size) or not _is_row(stored.shape):
            raise InputError(
                f"expected an output of shape (1, {units or 'units'}), received {stored.shape}; pass --labels"
            )
        return stored.reshape(-1)


def _is_row(shape: tuple[int | None, ...]) -> bool:
    """Tell whether an output is one row of units, under any number of dimensions of 1: (1, 1, 1, 1001), say."""
    return len(shape) >= 2 and all(size in (1, None) for size in shape[:-1])


def _check_fit(contract: Contract, interpreter: Interpreter) -> None:
    expected = (1, *contract.input.tensor_shape)
    found = tuple(size or 1 for size in interpreter.input.shape)
    if found != expected or interpreter.input.dtype != contract.input.dtype:
        raise InputError(
            f"expected an input tensor {contract.input.dtype} {expected} as the contract says, "
            f"received {interpreter.input.dtype} {found}; export the model again"
        )
    shape = interpreter.output.shape
    if not _is_row(shape):
        raise InputError(f"expected an output tensor of shape (1, units), received {shape}; use a classifier's file")
    units = contract.output.units
    if units is not None and shape[-1] not in (units, None):
        raise InputError(
            f"expected {shape[-1]} label(s) for as many outputs, "
            f"received {units}: {', '.join(contract.output.labels)}; pass --labels"
        )
    _check_output(contract.output, interpreter.output)


def _check_output(output: ModelOutput, found: TensorInfo) -> None:
    # A runtime that does not say how a tensor is quantized leaves that to the contract.
    if output.dtype != found.dtype or found.quantization not in (None, output.quantization):
        raise InputError(
            f"expected an output tensor {output.dtype} with {output.quantization} as the contract says, "
            f"received {found.dtype} with {found.quantization}; export the model again"
        )
