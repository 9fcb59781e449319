"""What is exported: a run's network with the samples that calibrate it, judge it and ride along as golden frames."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import keras
import numpy as np

from ..edge import run_directory, typed_json
from ..edge.atomic import write_text
from ..edge.classifier import Classifier
from ..edge.console import Console
from ..edge.contract import ImageInput, ModelOutput, NumberInput
from ..edge.errors import InputError
from ..edge.folders import LabelledFile
from ..edge.pixel_set import PixelSet, decode, require_classes
from ..edge.run_directory import RunRecord, Split
from . import calibration, golden, network
from .calibration import CalibrationSet
from .calibration_lint import lint
from .golden import Golden
from .parity.numbers import NumberJudge
from .parity.pictures import PictureJudge
from .parity.reference import NetworkReference
from .parity.report import CandidateReport, Confusion
from .parity.verdict import Margins


class Judge(Protocol):
    """Compares a candidate with the reference."""

    def judge(self, file: str, classifier: Classifier) -> CandidateReport:
        """Judge one candidate; `file` names it in the report."""
        ...

    @property
    def confusion_reference(self) -> Confusion:
        """The reference's confusion matrix; empty where there are no classes."""
        ...


@dataclass(frozen=True)
class Subject:
    """A trained network and all that its export needs."""

    record: RunRecord
    model: keras.Model
    calibration: CalibrationSet
    judge: Judge
    data: str
    golden: Callable[[Classifier], Golden]
    train_samples: int


def load(
    run: Path, data: Path | None, margins: Margins, console: Console, *, strict: bool, trust: bool = False
) -> Subject:
    """Read a run directory, its network and its samples.

    Args:
        run: a directory made by `edgeproof train`.
        data: where the pictures are now; where they were at training if None.
        margins: what a candidate may lose.
        console: where progress and warnings go.
        strict: end at the first unreadable picture.
        trust: load a network that holds more than Keras' own layers.

    Raises:
        InputError: the run, its network or its pictures cannot be used.
    """
    record, split = run_directory.read(run)
    model = network.load(run / run_directory.MODEL, trust=trust)
    if model.input_shape[1:] != record.input.shape:
        raise InputError(
            f"expected a network for {record.input.shape}, received one for {model.input_shape[1:]}: {run}"
        )
    if isinstance(record.input, NumberInput):
        return _numbers(record, record.input, model, margins)
    return _pictures(run, record, record.input, model, split, data, margins, console, strict=strict)


def _numbers(record: RunRecord, spec: NumberInput, model: keras.Model, margins: Margins) -> Subject:
    calibration_set = calibration.of_numbers(spec)
    # Between the calibrated numbers, so that nothing is judged by what it was made with.
    low, high = spec.range
    step = (high - low) / (len(calibration_set.samples) - 1)
    samples = (np.asarray(calibration_set.samples[:-1], np.float32) + np.float32(step / 2)).astype(np.float32)
    judge = NumberJudge(samples, network.predictor(model, spec), margins)
    return Subject(
        record, model, calibration_set, judge, record.data, lambda c: golden.of_numbers(c, samples), len(samples)
    )


def _pictures(
    run: Path,
    record: RunRecord,
    spec: ImageInput,
    model: keras.Model,
    split: Split,
    data: Path | None,
    margins: Margins,
    console: Console,
    *,
    strict: bool,
) -> Subject:
    root = data or Path(record.data)
    if not root.is_dir():
        raise InputError(f"expected the pictures of the run, received no such folder: {root}; pass --data")

    def read(files: Sequence[LabelledFile]) -> PixelSet:
        return decode(root, files, record.labels, spec, console, strict=strict)

    # Twice as many as needed, since those that look alike are left out.
    drawn = calibration.choose(split, record.seed, 2 * calibration.IMAGES)
    calibrating, alike = calibration.distinct(read(drawn))
    lint(calibrating, alike, record.labels, console)
    judged = read(split.validation)
    require_classes(judged.files, record.labels, root)
    used = {file.sha256 for file in (*calibrating.files, *split.validation)}
    rest = tuple(file for file in split.train if file.sha256 not in used)
    for name, files in ((run_directory.CALIBRATION, calibrating.files), (run_directory.EVALUATION, judged.files)):
        write_text(run / name, typed_json.dumps(run_directory.Used(str(root.resolve()), files)))
    output = ModelOutput(record.activation, record.labels)
    reference = NetworkReference(run_directory.MODEL, output, read, network.predictor(model, spec))
    judge = PictureJudge(root, judged.files, rest, reference, margins, console)
    return Subject(
        record,
        model,
        calibration.of_pictures(calibrating.pixels, calibrating.files, spec),
        judge,
        str(root),
        lambda classifier: golden.of_pictures(classifier, root, judged.files),
        len(split.train),
    )
