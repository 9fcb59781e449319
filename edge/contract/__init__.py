"""The contract: everything that a model file says about itself, in one vocabulary of frozen dataclasses.

A device needs nothing but these facts to turn a frame into an answer and to prove that the answer is the one that the
workstation saw. `docs` and other programs may rely on the field names; `FORMAT` changes when their meaning does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass

from .inputs import LARGEST_SIDE, ImageInput, ModelInput, NumberInput
from .numbers import Quantization
from .outputs import UNKNOWN, ModelOutput, listed
from .proof import GoldenFrame, Proof
from .provenance import Calibration, Integrity, Provenance
from .vocabulary import Activation, CalibrationMethod, Color, Format, Interpolation, Layout, Precision, Resize, Verdict

__all__ = [
    "FORMAT",
    "LARGEST_SIDE",
    "UNKNOWN",
    "Activation",
    "Calibration",
    "CalibrationMethod",
    "Color",
    "Contract",
    "Format",
    "GoldenFrame",
    "ImageInput",
    "Integrity",
    "Interpolation",
    "Layout",
    "ModelInput",
    "ModelOutput",
    "NumberInput",
    "Precision",
    "Proof",
    "Provenance",
    "Quantization",
    "Resize",
    "Verdict",
    "listed",
    "texts",
]

FORMAT = "edgeproof-contract/1"


@dataclass(frozen=True)
class Contract:
    """Everything a device must know of a model file."""

    name: str
    input: ModelInput
    output: ModelOutput
    format: str = FORMAT
    provenance: Provenance | None = None
    proof: Proof | None = None
    integrity: Integrity | None = None

    def __post_init__(self) -> None:
        if self.format != FORMAT:
            raise ValueError(f"expected the contract format {FORMAT}, received {self.format}; update edgeproof")


def texts(value: object) -> Iterator[str]:
    """Give every text in a contract, or in a part of one."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value):
        for field in fields(value):
            yield from texts(getattr(value, field.name))
    elif isinstance(value, dict):
        yield from texts((*value, *value.values()))
    elif isinstance(value, tuple):
        for each in value:
            yield from texts(each)
