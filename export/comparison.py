"""`edgeproof parity`: any reference against any candidates on any pictures, without exporting anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..edge.console import Console
from ..edge.contract import ImageInput, NumberInput
from ..edge.errors import InputError
from ..edge.pixel_set import require_classes
from ..edge.preprocess import Pixels, write_input
from .comparison_options import Options
from .comparison_pictures import Listing
from .contenders import Contender, open_contenders
from .copies import photos
from .diagnosis import diagnose
from .layers.files import are_comparable, file_noise
from .parity.numbers import NumberJudge, evenly
from .parity.pictures import PictureJudge
from .parity.report import CandidateReport, Dataset, LayerNoise, ParityReport, fastest
from .sides import Side, open_side

_NUMBERS = 200  # evenly spaced over a regression's range
_SAMPLES = 16  # that layers are compared on

Judge = NumberJudge | PictureJudge


def compare(reference: Path, candidates: Sequence[Path], options: Options, console: Console) -> ParityReport:
    """Compare models with a reference.

    Args:
        reference: a run directory (its trained network is the reference), a model made elsewhere, or a model file.
        candidates: likewise.
        options: pictures, margins, and what models without a contract mean.
        console: where progress goes.

    Raises:
        InputError: a model or the pictures cannot be used, or the labels differ.
    """
    listing = Listing(options.data)
    side = open_side(reference, listing, options, console)
    if isinstance(side.contract.input, NumberInput):
        opened = open_contenders(candidates, side.contract, None, options, console)
        judge: Judge = NumberJudge(evenly(side.contract.input, _NUMBERS), side.predict, options.margins)
        data = str(reference)
    else:
        judge, opened = _with_pictures(side, listing, candidates, options, console)
        data = str(judge.root)
    _require_use(side, opened, options)
    return _report(str(reference), side, opened, judge, data, options)


def _with_pictures(
    side: Side, listing: Listing, candidates: Sequence[Path], options: Options, console: Console
) -> tuple[PictureJudge, list[Contender]]:
    pictures = side.pictures(listing)
    opened = open_contenders(candidates, side.contract, pictures.judged, options, console)
    calibrated = side.calibrated.union(*(contender.calibrated for contender in opened))
    pictures = pictures.uncalibrated(calibrated, console)
    if any(contender.file is None for contender in opened):
        trained = frozenset().union(*(contender.trained for contender in opened))
        pictures = pictures.without(trained, console)
    judge = PictureJudge(
        pictures.root,
        pictures.validation,
        pictures.extension,
        side.reference(pictures.root),
        options.margins,
        console,
        partial(photos, pictures.root, console=console, pattern=options.group),
    )
    require_classes(judge.files, side.contract.output.labels, pictures.root)
    return judge, opened


def _require_use(side: Side, opened: Sequence[Contender], options: Options) -> None:
    """Refuse what was said of models without a contract where all have one: who says it believes that it counts."""
    if options.described.given and not (side.described or any(contender.described for contender in opened)):
        raise InputError(
            f"expected {', '.join(options.described.given)} with a model that has no contract, "
            "received models that say it themselves; leave it out"
        )


def _report(
    reference: str, side: Side, opened: Sequence[Contender], judge: Judge, data: str, options: Options
) -> ParityReport:
    reports = tuple(_one(judge, side, contender) for contender in opened)
    largest = max(reports, key=lambda report: report.n)
    return ParityReport(
        reference=reference,
        dataset=Dataset(data, largest.n, largest.n_validation),
        margin=options.margins.whole,
        class_margin=options.margins.one_class,
        candidates=reports,
        labels=side.contract.output.labels,
        confusion_reference=judge.confusion_reference,
        fastest=fastest(reports),
    )


def _one(judge: Judge, side: Side, contender: Contender) -> CandidateReport:
    classifier = contender.classifier
    report = judge.judge(contender.name, classifier)
    provenance = classifier.contract.provenance
    return replace(
        report,
        diagnosis=diagnose(report, classifier, judge, partial(_layers, judge, side, contender)),
        precision=provenance.precision if provenance else None,
        float_layers=provenance.float_layers if provenance else (),
        size=contender.size,
    )


def _layers(judge: Judge, side: Side, contender: Contender) -> tuple[LayerNoise, ...]:
    """Compare the layers of two files; gives none where that cannot be done."""
    expected, found, spec = side.file, contender.file, side.contract.input
    if expected is None or found is None or not isinstance(judge, PictureJudge) or not isinstance(spec, ImageInput):
        return ()
    theirs = contender.classifier.contract.input
    if not isinstance(theirs, ImageInput) or _float_tensor(theirs) != _float_tensor(spec):
        return ()
    if not are_comparable(expected, found):
        return ()
    frames = judge.frames(judge.some(_SAMPLES).files)
    return file_noise(expected, found, (_real(frame, spec) for frame in frames))


def _real(frame: Pixels, spec: ImageInput) -> NDArray[np.float32]:
    """Give what a float network takes for a frame: (1, *spec.tensor_shape)."""
    tensor = np.empty((1, *spec.tensor_shape), np.float32)
    write_input(frame, replace(spec, dtype="float32", quantization=None), tensor)
    return tensor


def _float_tensor(spec: ImageInput) -> tuple[object, ...]:
    """Tell by what the tensors of two float networks differ, whatever picture is in them."""
    return spec.tensor_shape, spec.range, spec.channel_ranges
