"""What the page shows of one candidate, from its part of the report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from markupsafe import Markup

from ....edge.contract import Verdict
from ....workstation.pages import words
from ..report import NOISE_REMEDY, CandidateReport, ClassResult, Disagreement, LayerNoise, ParityReport
from ..statistics import Interval
from ..wording import SIGNS
from .bound import LossBar, loss_bar
from .confusion import Change, ChangedRow, changed_rows, largest_changes
from .histogram import histogram

_MOST_CLASSES = 40  # rows of the table of classes
_MOST_PICTURES = 12
_MOST_LAYERS = 12  # names of layers that were kept in float


@dataclass(frozen=True)
class Picture:
    """A disagreement and its picture as a data URI; None where the picture cannot be read any more."""

    disagreement: Disagreement
    uri: str | None


@dataclass(frozen=True)
class ClassRow:
    """A class, the pictures of it that each model found, and whether the class itself lost too much."""

    label: str
    result: ClassResult
    found: int
    found_reference: int
    sign: str


@dataclass(frozen=True)
class NoiseRow:
    """A layer, and the amplitude of its noise as a share of the signal's; `length` is that of its bar, to 100."""

    layer: LayerNoise
    share: str
    length: float


@dataclass(frozen=True)
class Section:
    """One candidate, ready to be shown; `anchor` is its name within the page, `disagreeing` says what pictures are."""

    report: CandidateReport
    anchor: str
    sign: str
    open: bool
    disagreeing: str
    given_up: bool
    bar: LossBar | None
    causes: tuple[str, ...]
    remedy: str
    answers: dict[str, str]
    facts: dict[str, str]
    histogram: Markup | None
    rows: tuple[ChangedRow, ...]
    changes: tuple[Change, ...]
    classes: tuple[ClassRow, ...]
    pictures: tuple[Picture, ...]
    noise: tuple[NoiseRow, ...]


def section(report: ParityReport, index: int, thumbnail: Callable[[str], str | None]) -> Section:
    """Prepare the candidate at `index`; `thumbnail` gives the picture of a file, or None where it has gone."""
    candidate = report.candidates[index]
    undecided, given_up = candidate.verdict is not Verdict.PASS, candidate.file in report.given_up
    layers = candidate.diagnosis.layers if candidate.diagnosis else ()
    return Section(
        report=candidate,
        anchor=f"file-{index + 1}",
        sign=SIGNS[candidate.verdict],
        disagreeing=_disagreeing(candidate),
        given_up=given_up,
        open=(undecided and not given_up) or len(report.candidates) == 1 or candidate.file == report.fastest,
        bar=loss_bar(candidate, report.margin),
        causes=_causes(candidate),
        remedy=NOISE_REMEDY,
        answers=dict(_answers(candidate)),
        facts=dict(_facts(candidate)),
        histogram=histogram(candidate.drift_histogram, f"drift-{index + 1}"),
        rows=changed_rows(report.confusion_reference, candidate.confusion, report.labels),
        changes=largest_changes(report.confusion_reference, candidate.confusion, report.labels),
        classes=_classes(candidate),
        pictures=tuple(Picture(item, thumbnail(item.file)) for item in candidate.disagreements[:_MOST_PICTURES]),
        noise=tuple(_noise(layer) for layer in layers),
    )


def _causes(candidate: CandidateReport) -> tuple[str, ...]:
    diagnosis = candidate.diagnosis
    # Layers have a table of their own.
    return tuple(diagnosis.findings()) if diagnosis and not diagnosis.layers else ()


def _answers(candidate: CandidateReport) -> Iterator[tuple[str, str]]:
    if candidate.accuracy is not None and candidate.accuracy_reference is not None:
        yield "accuracy", words.percent(candidate.accuracy) + _enclosed(candidate.accuracy_interval)
        yield "accuracy of the reference", words.percent(candidate.accuracy_reference)
    if candidate.agreement is not None:
        yield "agreement", words.percent(candidate.agreement, 2) + _enclosed(candidate.agreement_interval, 2)
    if candidate.ece is not None and candidate.ece_reference is not None:
        yield "calibration error", words.percent(candidate.ece)
        yield "calibration error of the reference", words.percent(candidate.ece_reference)
    if candidate.ece_drift is not None:
        low, high = (words.points(bound) for bound in (candidate.ece_drift.low, candidate.ece_drift.high))
        yield "calibration drift", f"{low} to {high} points"
    what = "change of a probability" if candidate.classes else "deviation"
    yield f"mean {what}", words.number(candidate.drift_mean)
    allowed = candidate.allowed_deviation
    largest = words.number(candidate.largest_deviation)
    yield f"largest {what}", largest if allowed is None else f"{largest} of {words.number(allowed)} allowed"
    if candidate.classes:
        yield "“unknown” below", words.percent(candidate.unknown_below)


def _facts(candidate: CandidateReport) -> Iterator[tuple[str, str]]:
    if candidate.precision is not None:
        yield "precision", candidate.precision.value
    if candidate.size:
        yield "size", words.file_size(candidate.size)
    if candidate.size_ratio is not None:
        yield "of its weights as float32", f"{candidate.size_ratio:.3f}"
    yield "latency, median", words.milliseconds(candidate.latency_ms)
    yield "interpreter", candidate.interpreter
    yield "compared on", _samples(candidate)
    if candidate.needed is not None:
        yield "would decide", f"about {candidate.needed:,} photos"
    if candidate.float_layers:
        rest = len(candidate.float_layers) - _MOST_LAYERS
        more = f" and {rest:,} more" if rest > 0 else ""
        yield "kept in float", ", ".join(candidate.float_layers[:_MOST_LAYERS]) + more


def _samples(candidate: CandidateReport) -> str:
    what = "images" if candidate.classes else "samples"
    text = f"{candidate.n:,} {what}"
    if candidate.extension is not None:
        text += f": {candidate.n_validation:,} for validation, {candidate.extension.n:,} from training"
    if candidate.photos != candidate.n:
        text += f"; they show {candidate.photos:,} photos"
    return text


def _disagreeing(candidate: CandidateReport) -> str:
    """Say which of the pictures with different answers are shown."""
    shown = min(len(candidate.disagreements), _MOST_PICTURES)
    total = max(candidate.n_disagreements or 0, len(candidate.disagreements))
    if shown < total:
        which = "image whose answer" if shown == 1 else f"{shown} images whose answer"
        return f"The {which} moved most, of {total:,} that the two answer differently"
    return (
        "The image that the two answer differently"
        if total == 1
        else f"The {total} images that the two answer differently"
    )


def _enclosed(interval: Interval | None, digits: int = 1) -> str:
    if interval is None:
        return ""
    return f" ({words.percent(interval.low, digits)} to {words.percent(interval.high, digits)})"


def _classes(candidate: CandidateReport) -> tuple[ClassRow, ...]:
    """List the classes in their order; the ones that changed most where there are too many for a table."""
    results = list(candidate.classes.items())
    if len(results) > _MOST_CLASSES:
        results.sort(key=lambda item: item[1].recall - item[1].recall_reference)
    return tuple(
        ClassRow(
            label,
            result,
            round(result.recall * result.n),
            round(result.recall_reference * result.n),
            "" if result.verdict is Verdict.PASS else SIGNS[result.verdict],
        )
        for label, result in results[:_MOST_CLASSES]
    )


def _noise(layer: LayerNoise) -> NoiseRow:
    share = 10 ** (-layer.snr / 20)  # decibels of power, so that 20 are a factor of ten in amplitude
    return NoiseRow(layer, words.percent(share, 0), round(100 * min(share, 1.0), 1))
