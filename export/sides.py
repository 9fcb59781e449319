"""What can stand on the reference's side of a comparison: a run directory, a model made elsewhere, or a model file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..edge import run_directory
from ..edge.console import Console
from ..edge.contract import Contract, ImageInput, ModelOutput
from ..edge.errors import InputError
from ..edge.modelfile import ModelFile
from ..edge.pixel_set import decode_readable
from ..edge.run_directory import CALIBRATION, MODEL, RECORD, Split
from .comparison_options import Options
from .comparison_pictures import Listing, Pictures
from .network_files import is_model, load_tensorflow
from .opened_file import open_file
from .parity.reference import FileReference, NetworkReference, Reference

if TYPE_CHECKING:
    from .network import Network

Numbers = NDArray[np.float32]


@dataclass(frozen=True)
class Side:
    """A reference that has been opened.

    `contract` says what goes in and comes out, `reference` gives what answers the pictures under a folder, and
    `predict` answers numbers, (n, count), with (n, units). Of a run, `data` and `split` say what it was trained on, and
    `calibrated` holds the SHA-256 of the pictures that its files were calibrated with. `file` is a model file.
    `described` tells whether options had to supply the contract.
    """

    contract: Contract
    reference: Callable[[Path], Reference]
    predict: Callable[[Numbers], Numbers]
    data: Path | None = None
    split: Split | None = None
    calibrated: frozenset[str] = frozenset()
    file: ModelFile | None = None
    described: bool = False

    def pictures(self, listing: Listing) -> Pictures:
        """Choose the pictures to compare on: those of a folder that was named, else what the run is judged by.

        Pictures of the folder that the reference's run was trained on only extend the comparison.

        Raises:
            InputError: there are no pictures, none is left, or their classes are not the labels.
        """
        if listing.data is None and self.data is not None and self.split is not None:
            if not self.data.is_dir():
                raise InputError(f"expected the pictures of the run, received no such folder: {self.data}; pass --data")
            return Pictures(self.data, self.split.validation)
        found = listing.labelled(self.contract.output.labels)
        trained = {file.sha256 for file in self.split.train} if self.split else set()
        validation = tuple(file for file in found.files if file.sha256 not in trained)
        if not validation:
            raise InputError(f"expected pictures that the run was not trained on, received none: {found.root}")
        extension = tuple(file for file in found.files if file.sha256 in trained)
        return Pictures(found.root, validation, extension)


def open_side(path: Path, listing: Listing, options: Options, console: Console) -> Side:
    """Open a reference.

    Args:
        path: a run directory, whose trained network is the reference then, a model made elsewhere, or a model file.
        listing: the pictures that were named.
        options: what is said of a model without a contract, and what is to be trusted.
        console: where progress and warnings go.

    Raises:
        InputError: it is none of these, or cannot be used.
    """
    if (path / RECORD).is_file():
        return _of_run(path, options, console)
    if is_model(path):
        return _of_network(path, listing, options, console)
    if path.is_dir():
        raise InputError(f"expected a run directory or a model, received a folder without {RECORD}: {path}")
    return _of_file(path, options, console)


def _of_run(run: Path, options: Options, console: Console) -> Side:
    load_tensorflow(console)  # and no sooner: files are compared without it
    from .run_network import open_run

    found = open_run(run, trust=options.trust)
    record = found.record
    contract = Contract(record.model, record.input, ModelOutput(record.activation, record.labels))
    used = run_directory.read_used(run, CALIBRATION)
    calibrated = frozenset(file.sha256 for file in used.files) if used else frozenset()
    reference = _answering(MODEL, contract, found.network, options, console)
    return Side(contract, reference, found.network.predict, Path(record.data), found.split, calibrated)


def _of_network(path: Path, listing: Listing, options: Options, console: Console) -> Side:
    load_tensorflow(console)
    from .foreign_network import described_labels, open_foreign

    labels = described_labels(options.described, listing.data)
    judged = listing.labelled(labels)
    found = open_foreign(path, options.described, labels, judged, console, trust=options.trust, strict=options.strict)
    contract = Contract(path.stem, found.input, found.output)
    reference = _answering(path.name, contract, found.network, options, console)
    return Side(contract, reference, found.network.predict, described=True)


def _answering(
    name: str, contract: Contract, network: Network, options: Options, console: Console
) -> Callable[[Path], Reference]:
    spec, output = contract.input, contract.output

    def reference(root: Path) -> Reference:
        if not isinstance(spec, ImageInput):
            raise TypeError("expected a network of pictures")
        return NetworkReference(
            name,
            output,
            lambda files: decode_readable(root, files, output.labels, spec, console),
            network.predict,
            console,
            strict=options.strict,
        )

    return reference


def _of_file(path: Path, options: Options, console: Console) -> Side:
    opened = open_file(path, options.described)
    classifier = opened.classifier
    return Side(
        classifier.contract,
        lambda root: FileReference(path.name, classifier, root, console, strict=options.strict),
        lambda samples: np.stack([classifier.classify(sample).scores for sample in samples]),
        file=opened.file,
        described=opened.described,
    )
