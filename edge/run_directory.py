"""The run directory: where `train` leaves what `export` needs, and neither imports the other.

- model.keras: the trained network
- run.json: how it was made (`RunRecord`)
- split.json: which picture was used for what (`Split`)
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from . import typed_json
from .atomic import write_text
from .contract import Activation, Format, ModelInput, ModelOutput, Precision
from .errors import InputError
from .folders import LabelledFile

MODEL = "model.keras"
RECORD = "run.json"
SPLIT = "split.json"

# What `export` adds, beside the model files.
PARITY = "parity.json"
CALIBRATION = "calibration.json"
EVALUATION = "evaluation.json"


@dataclass(frozen=True)
class Validation:
    """How the trained network did on the validation split: top-1 accuracy (None for a regression), loss, and size."""

    accuracy: float | None
    loss: float
    n: int


@dataclass(frozen=True)
class RunRecord:
    """How a network was trained.

    `data` is the folder of the pictures, absolute, or what the numbers are; `history` holds one value per epoch.
    """

    model: str
    labels: tuple[str, ...]
    input: ModelInput
    activation: Activation
    history: dict[str, tuple[float, ...]]
    validation: Validation
    seed: int
    data: str
    versions: dict[str, str]

    def __post_init__(self) -> None:
        ModelOutput(self.activation, self.labels)  # raises where the two do not go together


@dataclass(frozen=True)
class Split:
    """The pictures of each side; paths are relative to the data folder. Both are empty for numbers."""

    train: tuple[LabelledFile, ...] = ()
    validation: tuple[LabelledFile, ...] = ()


def write(run: Path, record: RunRecord, split: Split) -> None:
    """Write both records; `model.keras` is the trainer's to write, before them."""
    write_text(run / SPLIT, typed_json.dumps(split))
    write_text(run / RECORD, typed_json.dumps(record))


def clear(run: Path) -> None:
    """Take an earlier run out of a directory, with all that was exported from it: it would speak of another network.

    The record goes first, so that what is left after a loss of power is no run any more. Other files stay.
    """
    stale = (RECORD, SPLIT, PARITY, CALIBRATION, EVALUATION)
    exported = [f"*-{precision.value}.{kind.value}" for precision in Precision for kind in Format]
    for path in [*(run / name for name in stale), *(path for pattern in exported for path in run.glob(pattern))]:
        path.unlink(missing_ok=True)


def read(run: Path) -> tuple[RunRecord, Split]:
    """Read both records.

    Raises:
        InputError: `run` is no run directory, or a record is damaged.
    """
    for name in (RECORD, SPLIT, MODEL):
        if not (run / name).is_file():
            raise InputError(f"expected a run directory made by `edgeproof train`, received one without {name}: {run}")
    record = typed_json.loads(RunRecord, (run / RECORD).read_bytes(), str(run / RECORD))
    split = typed_json.loads(Split, (run / SPLIT).read_bytes(), str(run / SPLIT))
    strangers = {file.label for file in (*split.train, *split.validation)} - set(record.labels)
    if strangers:
        raise InputError(f"expected the labels of {RECORD} in {SPLIT}, received also {sorted(strangers)[0]!r}: {run}")
    return record, split
