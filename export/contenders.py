"""Candidates of a comparison, opened: a model file, a run directory, or a model made elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..edge.classifier import Classifier
from ..edge.console import Console
from ..edge.contract import Contract, ImageInput, ModelOutput
from ..edge.errors import InputError
from ..edge.modelfile import ModelFile
from ..edge.run_directory import CALIBRATION, MODEL, RECORD, read_used
from .comparison_options import Options
from .distinct_names import distinct_names
from .network_files import is_model, load_tensorflow
from .opened_file import open_file
from .samples import Chosen

if TYPE_CHECKING:
    from .network import Network


@dataclass(frozen=True)
class Contender:
    """A candidate that has been opened.

    `name` is what reports call it, `size` its bytes. `file` is a model file; None where it is a network. Of a run,
    `trained` holds the SHA-256 of the pictures that it was trained on; of a file, `calibrated` holds those that the
    export beside it calibrated with. `described` tells whether options, or the
    reference, had to supply the contract.
    """

    name: str
    classifier: Classifier
    size: int
    file: ModelFile | None = None
    trained: frozenset[str] = frozenset()
    calibrated: frozenset[str] = frozenset()
    described: bool = False


def open_contenders(
    paths: Sequence[Path], reference: Contract, judged: Chosen | None, options: Options, console: Console
) -> list[Contender]:
    """Open candidates.

    Args:
        paths: run directories, models made elsewhere, and model files.
        reference: what those are taken for of which neither they nor options say it.
        judged: what they are going to answer, which shows what outputs are; None where it is numbers.
        options: what is said of models without a contract, what runs files, and what is to be trusted.
        console: where progress and warnings go.

    Raises:
        InputError: one cannot be used, or is there twice.
    """
    names = distinct_names(paths)
    return [_open(path, name, reference, judged, options, console) for path, name in zip(paths, names, strict=True)]


def _open(
    path: Path, name: str, reference: Contract, judged: Chosen | None, options: Options, console: Console
) -> Contender:
    is_run = (path / RECORD).is_file()
    if path.is_dir() and not is_run and not is_model(path):
        raise InputError(f"expected a run directory or a model, received a folder without {RECORD}: {path}")
    if (is_run or is_model(path)) and options.interpreter:
        raise InputError(f"expected a .tflite or .onnx file for --interpreter, received a network: {path}")
    if is_run:
        contender = _of_run(path, name, options, console)
    elif is_model(path):
        contender = _of_network(path, name, reference, judged, options, console)
    else:
        contender = _of_file(path, name, reference, options)
    kind = contender.classifier.contract.input.kind
    if kind != reference.input.kind:
        raise InputError(f"expected a model that takes {reference.input.kind}, received {kind}: {path}")
    return contender


def _of_run(run: Path, name: str, options: Options, console: Console) -> Contender:
    load_tensorflow(console)
    from .run_network import open_run

    found = open_run(run, trust=options.trust)
    record = found.record
    contract = Contract(record.model, record.input, ModelOutput(record.activation, record.labels))
    trained = frozenset(file.sha256 for file in found.split.train)
    return Contender(name, _classifier(contract, found.network, run), (run / MODEL).stat().st_size, trained=trained)


def _of_network(
    path: Path, name: str, reference: Contract, judged: Chosen | None, options: Options, console: Console
) -> Contender:
    spec = reference.input
    if judged is None or not isinstance(spec, ImageInput):
        raise InputError(f"expected a model that takes {spec.kind}, received one without a contract: {path}")
    load_tensorflow(console)
    from .foreign_network import described_labels, open_foreign

    described = options.described.completed(reference)
    found = open_foreign(
        path,
        described,
        described_labels(described, None),
        judged,
        console,
        trust=options.trust,
        strict=options.strict,
        like=spec,
    )
    contract = Contract(path.stem, found.input, found.output)
    return Contender(name, _classifier(contract, found.network, path), _size(path), described=True)


def _of_file(path: Path, name: str, reference: Contract, options: Options) -> Contender:
    spec, described = reference.input, options.described
    like = spec if isinstance(spec, ImageInput) else None
    opened = open_file(
        path,
        described.completed(reference) if like else described,
        like=like,
        interpreter=options.interpreter,
        threads=options.threads,
    )
    calibrated = _calibrated(path, opened.classifier.contract)
    return Contender(
        name, opened.classifier, _size(path), opened.file, calibrated=calibrated, described=opened.described
    )


def _calibrated(path: Path, contract: Contract) -> frozenset[str]:
    """Find out which pictures fixed the ranges of a file, by SHA-256, from what the export wrote beside it."""
    if contract.provenance is not None and contract.provenance.calibration is None:
        return frozenset()
    used = read_used(path.parent, CALIBRATION)
    return frozenset(picture.sha256 for picture in used.files) if used else frozenset()


def _classifier(contract: Contract, network: Network, path: Path) -> Classifier:
    from .network_interpreter import NetworkInterpreter

    try:
        return Classifier(contract, NetworkInterpreter(network))
    except InputError as error:
        raise InputError(f"{error}: {path}") from error


def _size(path: Path) -> int:
    return (
        sum(part.stat().st_size for part in path.rglob("*") if part.is_file()) if path.is_dir() else path.stat().st_size
    )
