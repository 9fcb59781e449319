"""What can stand on the reference's side of a comparison, and how candidates are opened beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..edge import modelfile, run_directory
from ..edge.classifier import Classifier
from ..edge.console import Console
from ..edge.contract import Contract, ImageInput, ModelOutput
from ..edge.errors import InputError
from ..edge.foreign import assumed_contract
from ..edge.pixel_set import decode
from ..edge.run_directory import CALIBRATION, MODEL, RECORD, Split
from .parity.reference import FileReference, NetworkReference, Reference

Numbers = NDArray[np.float32]


@dataclass(frozen=True)
class Belief:
    """What a file without a contract is taken for, as `edgeproof run` takes it; None leaves that to the reference."""

    labels: str | Sequence[str] | None = None
    range: str | None = None
    resize: str | None = None


@dataclass(frozen=True)
class Side:
    """A reference that has been opened.

    `contract` says what goes in and comes out, `reference` gives what answers the pictures under a folder, and
    `predict` answers numbers, (n, count), with (n, units). Of a run, `split` says what it was trained on, and
    `calibrated` holds the SHA-256 of the pictures that its files were calibrated with.
    """

    contract: Contract
    reference: Callable[[Path, Console, bool], Reference]
    predict: Callable[[Numbers], Numbers]
    data: Path | None = None
    split: Split | None = None
    calibrated: frozenset[str] = frozenset()


def open_side(path: Path, belief: Belief, *, trust: bool = False) -> Side:
    """Open a reference: a run directory, whose trained network it then is, or a model file.

    Raises:
        InputError: it is neither, or cannot be used.
    """
    if (path / RECORD).is_file():
        return _of_run(path, trust=trust)
    if path.is_dir():
        raise InputError(f"expected a run directory or a model file, received a folder without {RECORD}: {path}")
    return _of_file(path, belief)


def open_candidate(path: Path, belief: Belief, reference: Contract) -> Classifier:
    """Open a model file; one without a contract is taken for what `belief` says, and else for what the reference is.

    Raises:
        InputError: the file cannot be used.
    """
    file = modelfile.read(path)
    spec = reference.input
    if file.contract is not None:
        if file.contract.input.kind != spec.kind:
            raise InputError(f"expected a file that takes {spec.kind}, received {file.contract.input.kind}: {path}")
        return Classifier.open(path)
    if not isinstance(spec, ImageInput):
        raise InputError(f"expected a contract in a file that takes numbers, received none: {path}; export it again")
    low, high = spec.range
    contract = assumed_contract(
        path,
        belief.labels or reference.output.labels,
        belief.range or f"{low}..{high}",
        belief.resize or spec.resize.value,
        None,
    )
    return Classifier.open(path, contract=contract)


def _of_run(run: Path, *, trust: bool) -> Side:
    # Imported here: files are compared without TensorFlow.
    from . import network

    record, split = run_directory.read(run)
    predict = network.predictor(network.load(run / MODEL, trust=trust), record.input)
    output = ModelOutput(record.activation, record.labels)

    def reference(root: Path, console: Console, strict: bool) -> Reference:
        spec = record.input
        if not isinstance(spec, ImageInput):
            raise TypeError("expected a network of pictures")
        return NetworkReference(
            MODEL, output, lambda files: decode(root, files, output.labels, spec, console, strict=strict), predict
        )

    used = run_directory.read_used(run, CALIBRATION)
    calibrated = frozenset(file.sha256 for file in used.files) if used else frozenset()
    contract = Contract(record.model, record.input, output)
    return Side(contract, reference, predict, Path(record.data), split, calibrated)


def _of_file(path: Path, belief: Belief) -> Side:
    if modelfile.read(path).contract is None:
        if belief.labels is None:
            raise InputError(f"expected a reference with a contract, received none: {path}; pass --labels")
        contract = assumed_contract(path, belief.labels, belief.range or "0..1", belief.resize or "stretch", None)
        classifier = Classifier.open(path, contract=contract)
    else:
        classifier = Classifier.open(path)
    return Side(
        classifier.contract,
        lambda root, console, strict: FileReference(path.name, classifier, root, console, strict=strict),
        lambda samples: np.stack([classifier.classify(sample).scores for sample in samples]),
    )
