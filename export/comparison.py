"""`edgeproof parity`: any reference against any candidates on any pictures, without exporting anything."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from ..edge.classifier import Classifier
from ..edge.console import Console
from ..edge.contract import NumberInput
from ..edge.errors import InputError
from ..edge.folders import LabelledFile
from . import samples
from .copies import photos
from .diagnosis import diagnose
from .parity.numbers import NumberJudge, evenly
from .parity.pictures import PictureJudge
from .parity.report import CandidateReport, Dataset, ParityReport, fastest
from .parity.verdict import Margins
from .sides import Belief, Side, open_candidate, open_side

_VALIDATION = "validation"
_NUMBERS = 200  # evenly spaced over a regression's range


@dataclass(frozen=True)
class Options:
    """What a person may choose about a comparison.

    `data` is a folder of class folders; the validation pictures of the reference's run where None. `belief` is what
    files without a contract are taken for. `group` is a regular expression whose first group names the photo that a
    picture is a copy of.
    """

    margins: Margins = field(default_factory=Margins)
    data: Path | None = None
    belief: Belief = field(default_factory=Belief)
    group: re.Pattern[str] | None = None
    strict: bool = False
    trust: bool = False


@dataclass(frozen=True)
class Pictures:
    """What to compare on: `validation` is what accuracy rests on, `extension` what the reference was trained on."""

    root: Path
    validation: tuple[LabelledFile, ...]
    extension: tuple[LabelledFile, ...] = ()


def compare(reference: Path, candidates: Sequence[Path], options: Options, console: Console) -> ParityReport:
    """Compare model files with a reference.

    Args:
        reference: a run directory (its trained network is the reference), or a model file.
        candidates: model files.
        options: pictures, margins, and what files without a contract mean.
        console: where progress goes.

    Raises:
        InputError: a file or the pictures cannot be used, or the labels differ.
    """
    side = open_side(reference, options.belief, trust=options.trust)
    opened = [(path, open_candidate(path, options.belief, side.contract)) for path in candidates]
    if isinstance(side.contract.input, NumberInput):
        numbers = evenly(side.contract.input, _NUMBERS)
        return _judged(reference, opened, NumberJudge(numbers, side.predict, options.margins), str(reference), options)
    pictures = choose_pictures(side, options)
    judge = PictureJudge(
        pictures.root,
        pictures.validation,
        pictures.extension,
        side.reference(pictures.root, console, options.strict),
        options.margins,
        console,
        partial(photos, pictures.root, console=console, pattern=options.group),
    )
    return _judged(reference, opened, judge, str(pictures.root), options)


def choose_pictures(side: Side, options: Options) -> Pictures:
    """Find the pictures to compare on.

    Pictures of `options.data` that the reference's run was trained on only extend the comparison, and those that
    calibrated its files are left out.

    Raises:
        InputError: there are no pictures, none is left, or their classes are not the labels.
    """
    if options.data is None:
        if side.data is None or side.split is None:
            raise InputError("expected pictures to compare on, received none; pass --data FOLDER")
        return Pictures(side.data, side.split.validation)
    found = _labelled(options.data, side.contract.output.labels)
    trained = {file.sha256 for file in side.split.train} if side.split else set()
    validation = tuple(file for file in found if file.sha256 not in trained)
    if not validation:
        raise InputError(f"expected pictures that the run was not trained on, received none: {options.data}")
    extension = tuple(file for file in found if file.sha256 in trained - side.calibrated)
    return Pictures(options.data, validation, extension)


def _labelled(data: Path, labels: Sequence[str]) -> tuple[LabelledFile, ...]:
    folder = data / _VALIDATION if (data / _VALIDATION).is_dir() else data
    found = samples.evaluation(folder, labels).files
    return tuple(replace(file, file=(folder / file.file).relative_to(data).as_posix()) for file in found)


def _judged(
    reference: Path,
    opened: Sequence[tuple[Path, Classifier]],
    judge: NumberJudge | PictureJudge,
    data: str,
    options: Options,
) -> ParityReport:
    reports = tuple(_one(judge, path, classifier) for path, classifier in opened)
    largest = max(reports, key=lambda report: report.n)
    return ParityReport(
        reference=str(reference),
        dataset=Dataset(data, largest.n, largest.n_validation),
        margin=options.margins.whole,
        class_margin=options.margins.one_class,
        candidates=reports,
        labels=opened[0][1].contract.output.labels,
        confusion_reference=judge.confusion_reference,
        fastest=fastest(reports),
    )


def _one(judge: NumberJudge | PictureJudge, path: Path, classifier: Classifier) -> CandidateReport:
    report = judge.judge(path.name, classifier)
    provenance = classifier.contract.provenance
    return replace(
        report,
        diagnosis=diagnose(report, classifier, judge),
        precision=provenance.precision if provenance else None,
        float_layers=provenance.float_layers if provenance else (),
        size=path.stat().st_size,
    )
