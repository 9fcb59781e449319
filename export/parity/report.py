"""The parity report: its fields are what parity.json promises to other programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from ...edge.console import table
from ...edge.contract import Format, Precision, Verdict
from .statistics import Interval
from .verdict import worst

MOST_DISAGREEMENTS = 24  # pictures that a report names, those that moved most first
NOISE_REMEDY = "keep them in floats (`export --auto` tries it), or take dynamic, int16x8 or fp16"
MOST_CLASSES = 100  # beyond that a confusion matrix is left out
# Edges of the drift histogram: a picture's largest change of a probability.
DRIFT_EDGES = (0.0, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1.0)

Confusion = tuple[tuple[int, ...], ...]  # [i][j] counts the pictures of class i that were answered as class j


@dataclass(frozen=True)
class ClassResult:
    """Recall of one class on the validation pictures, for the candidate and the reference; n pictures.

    `interval` encloses the candidate's recall; `verdict` is a pass unless the class lost more than its margin.
    """

    recall: float
    recall_reference: float
    n: int
    interval: Interval
    verdict: Verdict = Verdict.PASS


@dataclass(frozen=True)
class Extension:
    """What the training pictures that calibration did not use added to the comparison of the two models."""

    n: int
    agreement: float
    loss: float


@dataclass(frozen=True)
class Disagreement:
    """A picture (its path relative to the data folder) to which the two models give different labels.

    `score` and `score_reference` are the probabilities of what each of them answers.
    """

    file: str
    label: str
    answer: str
    answer_reference: str
    score: float
    score_reference: float


class Suspect(str, Enum):
    """What may be wrong between a good network and its bad answers."""

    COLOR = "color order"
    RANGE = "value range"
    RESIZE = "resize rule"
    LABELS = "label order"
    INPUT = "input quantization"
    OUTPUT = "output handling"
    LAYOUT = "input layout"


@dataclass(frozen=True)
class Cause:
    """A suspect that explains a failure: with `change`, the agreement with the reference is `agreement`."""

    suspect: Suspect
    change: str
    agreement: float


@dataclass(frozen=True)
class LayerNoise:
    """How well a layer's output in the candidate follows the float network's: signal over noise, in decibels."""

    name: str
    snr: float


@dataclass(frozen=True)
class Diagnosis:
    """Why a candidate failed: the causes that together restore agreement, else the layers with the most noise.

    `agreement` is what the file has without any change, on the `n` pictures that were tried.
    """

    agreement: float
    n: int
    causes: tuple[Cause, ...] = ()
    layers: tuple[LayerNoise, ...] = ()

    def findings(self) -> list[str]:
        """Word what was found and what to do about it, one line for each cause, or one for all layers."""
        lines = [
            f"{cause.suspect.value}: {cause.change} brings the agreement from {self.agreement:.1%} "
            f"to {cause.agreement:.1%} ({self.n} images)"
            for cause in self.causes
        ]
        if self.layers:
            noisy = ", ".join(f"{layer.name} ({layer.snr:.1f} dB)" for layer in self.layers)
            lines.append(f"noise: {noisy} are the noisiest layers; {NOISE_REMEDY}")
        return lines


@dataclass(frozen=True)
class CandidateReport:
    """How one exported file compares with its reference.

    Accuracies, recalls, confusion, calibration errors (`ece`, expected calibration error) and disagreements rest on
    the validation samples alone (`n_validation`); `agreement`, `drift…`, `loss` and `loss_bound` (the one-sided upper
    bound of the loss) on all `n`, which show `photos` different photos. `confidence` is that of the bound: 0.95, or
    0.975 where the extension could give a second look, so that a pass is wrong in 5 of 100 cases either way. `needed`
    is how many photos would decide an inconclusive comparison. Accuracies are None for a regression, which is judged by
    its `largest_deviation` instead, of which `allowed_deviation` may be. `n_disagreements` counts the validation
    pictures that get different answers; `disagreements` are those of them that moved most. Sizes are in bytes,
    `latency_ms` is the median of one answer, preprocessing included, on the machine that compared; `size_ratio` is
    over the network's weights as float32. `drift_histogram` counts pictures by their largest change of a probability,
    between `DRIFT_EDGES`.
    """

    file: str
    verdict: Verdict
    reasons: tuple[str, ...]
    n: int
    n_validation: int
    photos: int
    agreement: float | None
    agreement_interval: Interval | None
    accuracy: float | None
    accuracy_interval: Interval | None
    accuracy_reference: float | None
    loss: float | None
    loss_bound: float | None
    confidence: float | None
    needed: int | None
    drift_mean: float
    largest_deviation: float
    drift_histogram: tuple[int, ...]
    ece: float | None
    ece_reference: float | None
    ece_drift: Interval | None
    latency_ms: float
    unknown_below: float
    classes: dict[str, ClassResult]
    confusion: Confusion
    disagreements: tuple[Disagreement, ...]
    extension: Extension | None
    interpreter: str
    diagnosis: Diagnosis | None = None
    precision: Precision | None = None
    float_layers: tuple[str, ...] = ()
    size: int = 0
    size_ratio: float | None = None
    n_disagreements: int | None = None
    allowed_deviation: float | None = None


@dataclass(frozen=True)
class Step:
    """One rung of the ladder that was tried in a format because int8 did not pass, and what came of it."""

    format: Format
    rung: str
    file: str
    verdict: Verdict
    agreement: float | None
    loss_bound: float | None


@dataclass(frozen=True)
class Dataset:
    """What the comparison ran on: the folder, how many samples, and how many of them were validation samples."""

    path: str
    n: int
    n_validation: int


@dataclass(frozen=True)
class ParityReport:
    """All candidates of one export against their reference; margins are fractions of accuracy.

    `fastest` is the file with the lowest latency among those that passed; None where none did. `ladder` is what was
    tried in the place of int8, in order, int8 first; the last rung of a format stands for it.
    """

    reference: str
    dataset: Dataset
    margin: float
    class_margin: float
    candidates: tuple[CandidateReport, ...]
    labels: tuple[str, ...] = ()
    confusion_reference: Confusion = ()
    fastest: str | None = None
    ladder: tuple[Step, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The verdict over all files; where a ladder was climbed, what it led to counts in the place of its steps."""
        return worst([candidate.verdict for candidate in self.candidates if candidate.file not in self.given_up])

    @property
    def given_up(self) -> dict[str, str]:
        """Map the files of the ladder's lower rungs to the file that the ladder led to."""
        last = {step.format: step.file for step in self.ladder}
        return {step.file: last[step.format] for step in self.ladder if step.file != last[step.format]}


def fastest(candidates: Sequence[CandidateReport]) -> str | None:
    """Name the file with the lowest latency among those that passed."""
    passed = [report for report in candidates if report.verdict is Verdict.PASS]
    return min(passed, key=lambda report: report.latency_ms).file if passed else None


def parity_table(report: ParityReport) -> str:
    """Lay the candidates out for a person, with the reasons of any verdict but a pass below, and the ladder."""
    return "\n".join([_table(report.candidates), *_climbed(report.ladder)])


def _climbed(ladder: Sequence[Step]) -> list[str]:
    ways = {step.format: [f"{s.rung} {s.verdict.value}" for s in ladder if s.format is step.format] for step in ladder}
    return [f"{kind.value}: {' → '.join(steps)}" for kind, steps in ways.items()]


def _table(candidates: Sequence[CandidateReport]) -> str:
    head = (
        "file",
        "verdict",
        "accuracy",
        "reference",
        "agreement",
        "loss ≤",
        "drift ≤",
        "n",
        "size",
        "of float",
        "latency",
    )
    rows = [
        (
            report.file,
            report.verdict.value,
            _percent(report.accuracy),
            _percent(report.accuracy_reference),
            _percent(report.agreement),
            f"{report.loss_bound * 100:.2f} points" if report.loss_bound is not None else "–",
            f"{report.largest_deviation:.4f}",
            str(report.n),
            f"{report.size / 1e6:.2f} MB" if report.size >= 1e5 else f"{report.size / 1e3:.1f} kB",
            f"{report.size_ratio:.3f}" if report.size_ratio is not None else "–",
            f"{report.latency_ms:.2f} ms",
        )
        for report in candidates
    ]
    return "\n".join([table([head, *rows]), *(line for report in candidates for line in _findings(report))])


def _findings(report: CandidateReport) -> list[str]:
    found = report.diagnosis.findings() if report.diagnosis else []
    return [f"{report.file}: {line}" for line in (*report.reasons, *found)]


def _percent(fraction: float | None) -> str:
    return "–" if fraction is None else f"{fraction:.2%}"
