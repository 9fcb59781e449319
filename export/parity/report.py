"""The parity report: its fields are what parity.json promises to other programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...edge.console import table
from ...edge.contract import Verdict


@dataclass(frozen=True)
class ClassResult:
    """Recall of one class on the validation pictures, for the candidate and the reference; n pictures."""

    recall: float
    recall_reference: float
    n: int


@dataclass(frozen=True)
class Extension:
    """What the training pictures that calibration did not use added to the comparison of the two models."""

    n: int
    agreement: float
    loss: float


@dataclass(frozen=True)
class CandidateReport:
    """How one exported file compares with its reference.

    Accuracies, recalls and their classes rest on the validation samples alone (`n_validation`); `agreement`, `loss`
    and `loss_bound` (the one-sided upper bound of the loss) on all `n`. `confidence` is that of the bound: 0.95, or
    0.975 where the extension could give a second look, so that a pass is wrong in 5 of 100 cases either way.
    Accuracies are None for a regression, which is judged by its `largest_deviation` instead. Sizes are in bytes,
    `latency_ms` is the median of one answer, preprocessing included, on the machine that exported; `size_ratio` is
    over the network's weights as float32.
    """

    file: str
    verdict: Verdict
    reasons: tuple[str, ...]
    n: int
    n_validation: int
    agreement: float | None
    accuracy: float | None
    accuracy_reference: float | None
    loss: float | None
    loss_bound: float | None
    confidence: float | None
    drift_mean: float
    largest_deviation: float
    latency_ms: float
    unknown_below: float
    classes: dict[str, ClassResult]
    extension: Extension | None
    interpreter: str
    size: int = 0
    size_ratio: float | None = None


@dataclass(frozen=True)
class Dataset:
    """What the comparison ran on: the folder, how many samples, and how many of them were validation samples."""

    path: str
    n: int
    n_validation: int


@dataclass(frozen=True)
class ParityReport:
    """All candidates of one export against their reference; margins are fractions of accuracy."""

    reference: str
    dataset: Dataset
    margin: float
    class_margin: float
    candidates: tuple[CandidateReport, ...]


def parity_table(candidates: Sequence[CandidateReport]) -> str:
    """Lay the candidates out for a person, with the reasons of any verdict but a pass below."""
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
    reasons = [f"{report.file}: {reason}" for report in candidates for reason in report.reasons]
    return "\n".join([table([head, *rows]), *reasons])


def _percent(fraction: float | None) -> str:
    return "–" if fraction is None else f"{fraction:.2%}"
