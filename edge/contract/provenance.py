"""Where a file comes from."""

from __future__ import annotations

from dataclasses import dataclass

from .vocabulary import CalibrationMethod, Precision


@dataclass(frozen=True)
class Calibration:
    """The pictures that fixed the ranges of an int8 file; `sha256` is over their contents, in order."""

    images: int
    sha256: str
    method: CalibrationMethod


@dataclass(frozen=True)
class Provenance:
    """Where the file comes from; `float_layers` are those that stayed floats in a file of mixed precision."""

    model: str
    precision: Precision
    created: str
    trained_on: str
    train_images: int
    seed: int
    tools: dict[str, str]
    minimum_runtime: str
    calibration: Calibration | None = None
    float_layers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Integrity:
    """Identity of the model bytes, without what edgeproof added around them."""

    sha256: str
    size: int
