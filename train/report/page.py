"""The page about a training: one HTML file that opens anywhere, without a network or a program beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from ...edge.atomic import write_text
from ...edge.run_directory import MODEL, PICTURES, REPORT, ClassScore, Mistake, RunRecord, Split
from ...workstation.pages import page_environment, words
from ...workstation.pages.matrix import confusions, matrix
from ...workstation.pages.thumbnails import thumbnail
from .charts import charts
from .scores import MOST_MISTAKES

_TEMPLATE = "report.html"


@dataclass(frozen=True)
class ClassRow:
    """A class in the class report, with the size of its share of the training split."""

    score: ClassScore
    train: int


@dataclass(frozen=True)
class Picture:
    """A mistake and its picture as a data URI; None where the picture cannot be read any more."""

    mistake: Mistake
    uri: str | None


def write(run: Path, record: RunRecord, split: Split) -> None:
    """Write `report.html` into a run directory; the file is whole or not there.

    Args:
        run: the run directory; the date of its `model.keras` is that of the page, or now where there is none yet.
        record: what to show. The pictures of its mistakes are read from its data folder, or from the run's own
            pictures where the data folder is gone.
        split: which picture was used for what.
    """
    write_text(run / REPORT, render(run, record, split))


def render(run: Path, record: RunRecord, split: Split) -> str:
    """Make the page that `write` writes."""
    environment = page_environment(Path(__file__).parent)
    judged = record.validation
    trained_with = Counter(file.label for file in split.train)
    page = environment.get_template(_TEMPLATE).render(
        record=record,
        trained=_trained(run),
        facts=dict(_facts(record, split)),
        charts=charts(record.history),
        matrix=matrix(judged.confusion, record.labels),
        confusions=confusions(judged.confusion, record.labels),
        classes=[ClassRow(score, trained_with[score.label]) for score in judged.classes],
        average=_average(judged.classes),
        mistakes=[
            Picture(mistake, thumbnail(_place(run, record, mistake))) for mistake in judged.mistakes[:MOST_MISTAKES]
        ],
        wrong=sum(map(sum, judged.confusion)) - sum(row[i] for i, row in enumerate(judged.confusion)),
    )
    return page.lstrip()  # the template begins with its macros


def _trained(run: Path) -> datetime:
    try:
        seconds = (run / MODEL).stat().st_mtime
    except FileNotFoundError:
        return datetime.now(timezone.utc)
    return datetime.fromtimestamp(seconds, timezone.utc)


def _facts(record: RunRecord, split: Split) -> Iterator[tuple[str, str]]:
    yield "data", record.data
    if split.train or split.validation:
        yield "pictures", f"{len(split.train):,} for training, {len(split.validation):,} for validation"
    yield "input", words.model_input(record.input)
    yield "last layer", record.activation.value
    # Records of earlier versions do not have these.
    if record.parameters:
        yield "parameters", f"{record.parameters:,}"
    if record.seconds:
        yield "time of training", words.duration(record.seconds)
    if "seed" not in record.settings:
        yield "seed", str(record.seed)


def _average(classes: tuple[ClassScore, ...]) -> ClassScore | None:
    """Give the mean over the classes, in which a rare class counts as much as a frequent one."""
    if not classes:
        return None
    precision, recall, f1 = (
        sum(values) / len(classes) for values in zip(*((c.precision, c.recall, c.f1) for c in classes), strict=True)
    )
    return ClassScore("mean of classes", sum(score.n for score in classes), precision, recall, f1)


def _place(run: Path, record: RunRecord, mistake: Mistake) -> Path:
    place = Path(record.data) / mistake.file
    # A run that brings its own pictures may have been moved since.
    return place if place.is_file() else run / PICTURES / mistake.file
