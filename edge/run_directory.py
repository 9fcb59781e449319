"""The run directory: where `train` leaves what `export` needs, and neither imports the other.

- model.keras: the trained network
- run.json: how it was made (`RunRecord`)
- split.json: which picture was used for what (`Split`)
- report.html: the same for people, with curves and the worst mistakes as pictures
- pictures/, pictures-validation/: the pictures themselves, where the data were no class folders
- checkpoint.npz: the state after the last epoch, while a training is not finished
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from . import typed_json
from .atomic import write_text
from .contract import Activation, Format, ModelInput, ModelOutput, Precision
from .errors import InputError
from .folders import LabelledFile

MODEL = "model.keras"
RECORD = "run.json"
SPLIT = "split.json"
REPORT = "report.html"
PICTURES = "pictures"
CHECKPOINT = "checkpoint.npz"

# What `export` adds, beside the model files.
PARITY = "parity.json"
PARITY_PAGE = "parity.html"
CALIBRATION = "calibration.json"
EVALUATION = "evaluation.json"


@dataclass(frozen=True)
class ClassScore:
    """How the trained network did on the `n` validation pictures of one class; all shares are from 0 to 1.

    `precision` is 0 where the class was never answered.
    """

    label: str
    n: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class Mistake:
    """A validation picture (its path relative to the data folder) that was answered wrongly.

    `score` is the probability of the wrong answer, `score_of_label` that of the right one.
    """

    file: str
    label: str
    answer: str
    score: float
    score_of_label: float


@dataclass(frozen=True)
class Validation:
    """How the trained network did on the validation split: top-1 accuracy (None for a regression), loss, and size.

    `confusion[i][j]` counts the pictures of class i that were answered as class j, in the order of the labels;
    `mistakes` are the worst, the surest first.
    """

    accuracy: float | None
    loss: float
    n: int
    classes: tuple[ClassScore, ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()
    mistakes: tuple[Mistake, ...] = ()


@dataclass(frozen=True)
class RunRecord:
    """How a network was trained.

    `data` is the folder of the pictures, absolute, or what the numbers are; `history` holds one value per epoch;
    `settings` are the choices behind it, by the names of the command's options; `seconds` is the time of training.
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
    settings: dict[str, str] = field(default_factory=dict)
    parameters: int = 0
    seconds: float = 0.0

    def __post_init__(self) -> None:
        ModelOutput(self.activation, self.labels)  # raises where the two do not go together


@dataclass(frozen=True)
class Split:
    """The pictures of each side; paths are relative to the data folder. Both are empty for numbers."""

    train: tuple[LabelledFile, ...] = ()
    validation: tuple[LabelledFile, ...] = ()


@dataclass(frozen=True)
class Used:
    """Which pictures a step of the export used: calibration.json and evaluation.json; paths are relative to `data`."""

    data: str
    files: tuple[LabelledFile, ...]


def write(run: Path, record: RunRecord, split: Split) -> None:
    """Write both records; `model.keras` is the trainer's to write, before them."""
    write_text(run / SPLIT, typed_json.dumps(split))
    write_text(run / RECORD, typed_json.dumps(record))


def clear(run: Path) -> None:
    """Take an earlier run out of a directory, with all that was exported from it: it would speak of another network.

    The record goes first, so that what is left after a loss of power is no run any more. What a process that was killed
    had half written beside its place goes too. Other files stay.
    """
    stale = (RECORD, SPLIT, REPORT, PARITY, PARITY_PAGE, CALIBRATION, EVALUATION)
    exported = [f"*-{precision.value}.{kind.value}" for precision in Precision for kind in Format]
    # As `atomic` names them.
    halves = [f".{name}.????????{Path(name).suffix}" for name in (MODEL, CHECKPOINT, *stale, *exported)]
    found = [path for pattern in (*exported, *halves) for path in run.glob(pattern)]
    for path in [*(run / name for name in stale), *found]:
        path.unlink(missing_ok=True)


def read(run: Path) -> tuple[RunRecord, Split]:
    """Read both records.

    Raises:
        InputError: `run` is no run directory, or a record is damaged.
    """
    for name in (RECORD, SPLIT, MODEL):
        if not (run / name).is_file():
            raise InputError(
                f"expected a run directory made by `edgeproof train`, received a folder without {name}: {run}"
            )
    record = typed_json.loads(RunRecord, (run / RECORD).read_bytes(), str(run / RECORD))
    split = typed_json.loads(Split, (run / SPLIT).read_bytes(), str(run / SPLIT))
    strangers = {file.label for file in (*split.train, *split.validation)} - set(record.labels)
    if strangers:
        raise InputError(f"expected the labels of {RECORD} in {SPLIT}, received also {sorted(strangers)[0]!r}: {run}")
    return record, split


def read_used(run: Path, name: str) -> Used | None:
    """Read `CALIBRATION` or `EVALUATION`; None where nothing was exported yet.

    Raises:
        InputError: the record is damaged.
    """
    path = run / name
    return typed_json.loads(Used, path.read_bytes(), str(path)) if path.is_file() else None
