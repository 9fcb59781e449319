"""What a defect is: a good file, what is done to it, and what the detective should say of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from edgeproof.edge.classifier import Classifier
from edgeproof.edge.contract import Contract, Format
from edgeproof.edge.interpreters import open_interpreter
from edgeproof.export.parity.report import Suspect


@dataclass(frozen=True)
class Good:
    """A file that answers as its network does."""

    name: str
    format: Format
    model: bytes
    contract: Contract

    @property
    def quantized(self) -> bool:
        """Whether its pixels go in as integers."""
        return self.contract.input.dtype != "float32"

    def open(self, *, model: bytes | None = None, contract: Contract | None = None) -> Classifier:
        """Open the file, with other bytes or another contract where given."""
        return Classifier(contract or self.contract, open_interpreter(model or self.model, self.format, threads=1))


# Quantizes the network of a good file anew: calibration pixels, uint8 (n, height, width, channels), to a model.
Requantize = Callable[[Good, NDArray[np.uint8]], bytes]


@dataclass(frozen=True)
class Workshop:
    """What defects are made with: pictures at the network's size, their true indices, and a quantizer."""

    pixels: NDArray[np.uint8]
    truth: NDArray[np.int64]
    requantize: Requantize | None = None


@dataclass(frozen=True)
class Broken:
    """A file with a defect: what was done, and the causes that the detective has names for, none for most."""

    change: str
    classifier: Classifier
    causes: frozenset[Suspect] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Kind:
    """A kind of defect: `make` draws one of any strength, for the files that it `fits`."""

    name: str
    fits: Callable[[Good], bool]
    make: Callable[[Good, Workshop, np.random.Generator], Broken]
