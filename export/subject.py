"""What is exported: a run's network with the samples that calibrate it, judge it and ride along as golden frames."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np

from ..edge import run_directory, typed_json
from ..edge.classifier import Classifier
from ..edge.console import Console
from ..edge.contract import ImageInput, ModelOutput, NumberInput
from ..edge.errors import InputError
from ..edge.folders import LabelledFile
from ..edge.pixel_set import PixelSet, decode, decode_readable, require_classes
from ..edge.run_directory import RunRecord, Split
from . import calibration, golden, samples
from .calibration import CalibrationSet
from .calibration_lint import lint
from .copies import photos
from .golden import Golden
from .network import Network
from .options import Options
from .parity.numbers import NumberJudge
from .parity.pictures import PictureJudge
from .parity.reference import NetworkReference
from .parity.report import CandidateReport, Confusion
from .parity.verdict import Margins
from .run_network import open_run
from .samples import Chosen


class Judge(Protocol):
    """Compares a candidate with the reference."""

    def judge(self, file: str, classifier: Classifier) -> CandidateReport:
        """Judge one candidate; `file` names it in the report."""
        ...

    @property
    def photos(self) -> int:
        """How many different samples a candidate can be judged by."""
        ...

    @property
    def confusion_reference(self) -> Confusion:
        """The reference's confusion matrix; empty where there are no classes."""
        ...


@dataclass(frozen=True)
class Subject:
    """A trained network and all that its export needs.

    `reference` is what reports call the network; `records` are texts to write beside the exported files, by name.
    """

    record: RunRecord
    model: Network
    calibration: CalibrationSet
    judge: Judge
    data: str
    golden: Callable[[Classifier], Golden]
    train_samples: int
    reference: str = run_directory.MODEL
    records: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Pictures:
    """What calibrates, if anything does, what judges, and what the network was trained on where that is known.

    The last is of the same folder as `judged`.
    """

    calibrating: Chosen | None
    judged: Chosen
    extension: tuple[LabelledFile, ...] = ()


def load(run: Path, options: Options, console: Console) -> Subject:
    """Read a run directory, its network and its samples.

    Args:
        run: a directory made by `edgeproof train`.
        options: where pictures are, what a candidate may lose, and what is to be trusted.
        console: where progress and warnings go.

    Raises:
        InputError: the run, its network, its pictures or an option cannot be used.
    """
    if options.described.given:
        raise InputError(f"expected {', '.join(options.described.given)} with a model made elsewhere, received a run")
    trained = open_run(run, trust=options.trust)
    record, split, model = trained.record, trained.split, trained.network
    if isinstance(record.input, NumberInput):
        return _numbers(record, record.input, model, options.margins)
    return _pictures(record, split, model, options, console)


def _numbers(record: RunRecord, spec: NumberInput, model: Network, margins: Margins) -> Subject:
    calibration_set = calibration.of_numbers(spec)
    # Between the calibrated numbers, so that nothing is judged by what it was made with.
    low, high = spec.range
    step = (high - low) / (len(calibration_set.samples) - 1)
    asked = (np.asarray(calibration_set.samples[:-1], np.float32) + np.float32(step / 2)).astype(np.float32)
    judge = NumberJudge(asked, model.predict, margins)
    return Subject(
        record, model, calibration_set, judge, record.data, lambda c: golden.of_numbers(c, asked), len(asked)
    )


def _pictures(record: RunRecord, split: Split, model: Network, options: Options, console: Console) -> Subject:
    root = options.data or Path(record.data)
    if not root.is_dir() and not (options.calibration and options.evaluate):
        raise InputError(f"expected the pictures of the run, received no such folder: {root}; pass --data")
    judged = Chosen(root, split.validation)
    extension: tuple[LabelledFile, ...] = split.train
    if options.evaluate is not None:
        judged, extension = _unseen(samples.evaluation(options.evaluate, record.labels), split)
        split = replace(split, validation=judged.files)
    if options.calibration is not None:
        calibrating = samples.calibration(options.calibration, record.labels, record.seed)
        samples.require_apart(calibrating, judged)
    else:
        # Twice as many as needed, since those that look alike are left out.
        calibrating = Chosen(root, calibration.choose(split, record.seed, 2 * calibration.IMAGES))
    return of_pictures(
        record,
        model,
        Pictures(calibrating, judged, extension),
        run_directory.MODEL,
        options,
        console,
    )


def _unseen(given: Chosen, split: Split) -> tuple[Chosen, tuple[LabelledFile, ...]]:
    """Part pictures into those that a run has not seen, which judge, and those that it was trained on, which extend.

    Raises:
        InputError: it was trained on all of them.
    """
    trained = {file.sha256 for file in split.train}
    fresh = tuple(file for file in given.files if file.sha256 not in trained)
    if not fresh:
        raise InputError(f"expected pictures that the run was not trained on, received none: {given.root}")
    return Chosen(given.root, fresh), tuple(file for file in given.files if file.sha256 in trained)


def of_pictures(
    record: RunRecord,
    model: Network,
    pictures: Pictures,
    reference: str,
    options: Options,
    console: Console,
) -> Subject:
    """Bring together a classifier of pictures and the pictures that calibrate it and judge it.

    Args:
        record: what the network is.
        model: the network, bound to its input.
        pictures: what calibrates and judges.
        reference: what reports call the network.
        options: what a candidate may lose, and how pictures are taken.
        console: where progress and warnings go.

    Raises:
        InputError: the pictures cannot be read, lack a class, or are no fit to calibrate with.
    """
    spec, judged = record.input, pictures.judged
    if not isinstance(spec, ImageInput):
        raise TypeError("expected a network of pictures")
    answering = NetworkReference(
        reference,
        ModelOutput(record.activation, record.labels),
        lambda files: decode_readable(judged.root, files, record.labels, spec, console),
        model.predict,
        console,
        strict=options.strict,
    )
    calibrated, drawn = calibration.none(spec), None
    if pictures.calibrating is not None:
        drawn = _linted(pictures.calibrating, record.labels, spec, options, console)
        calibrated = calibration.of_pictures(drawn.pixels, drawn.files, spec)
    used = {file.sha256 for file in (*judged.files, *(drawn.files if drawn else ()))}
    rest = tuple(file for file in pictures.extension if file.sha256 not in used)
    photographed = partial(photos, judged.root, console=console, pattern=options.group)
    judge = PictureJudge(judged.root, judged.files, rest, answering, options.margins, console, photographed)
    require_classes(judge.files, record.labels, judged.root)
    records = {run_directory.EVALUATION: _used(judged, judge.files)}
    if pictures.calibrating and drawn:
        records[run_directory.CALIBRATION] = _used(pictures.calibrating, drawn.files)
    trained_on = len(pictures.extension)
    kept = partial(golden.of_pictures, root=judged.root, files=judge.files)
    return Subject(record, model, calibrated, judge, str(judged.root), kept, trained_on, reference, records)


def _linted(
    calibrating: Chosen, known: Sequence[str], spec: ImageInput, options: Options, console: Console
) -> PixelSet:
    """Decode the calibration pictures, and give those that differ."""
    labels = calibrating.labels(known)
    drawn = decode(calibrating.root, calibrating.files, labels, spec, console, strict=options.strict)
    chosen, alike = calibration.distinct(drawn)
    lint(chosen, len(drawn), alike, labels, console)
    return chosen


def _used(chosen: Chosen, files: Sequence[LabelledFile]) -> str:
    return typed_json.dumps(run_directory.Used(str(chosen.root.resolve()), tuple(files)))
