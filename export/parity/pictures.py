"""Parity of a classifier of pictures: the candidate answers the files themselves, through the device's own code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...edge.classifier import Classifier
from ...edge.console import Console
from ...edge.contract import Verdict
from ...edge.errors import InputError
from ...edge.folders import LabelledFile
from ...edge.pixel_set import read_labelled
from ...edge.preprocess import Pixels
from ...edge.scores import label_scores
from .answers import Answers, Scores
from .confidence import calibration_drift, calibration_error, fit_threshold
from .reference import Answered, Reference
from .report import (
    DRIFT_EDGES,
    MOST_CLASSES,
    MOST_DISAGREEMENTS,
    CandidateReport,
    ClassResult,
    Confusion,
    Disagreement,
    Extension,
)
from .statistics import upper_bound, wilson
from .verdict import Decision, Margins, decide

_ERROR = 0.05  # the chance that a file passes whose true loss is at the margin
_CONSTANT = 1e-6  # scores that differ by less over the whole set say nothing about the pictures
_SLACK = 0.05  # a probability that int8 rounds may lie this far outside of 0 to 1

# Numbers the photos that pictures show: int64 of shape (n,), copies of one photo alike.
Photographed = Callable[[Sequence[LabelledFile]], NDArray[np.int64]]
# Decodes a picture of a folder: BGR, uint8, (height, width, 3).
Read = Callable[[Path, LabelledFile], Pixels]


class PictureJudge:
    """Judges candidates against one reference on one set of pictures.

    Args:
        root: the folder that the files' paths are relative to.
        validation: the pictures that accuracy rests on.
        extension: more pictures that the two models may be compared on, where validation cannot decide.
        reference: what the candidates are held against.
        margins: what a candidate may lose.
        console: where progress goes.
        photographed: tells which pictures are copies of one photo; every picture stands for itself where None.
        read: decodes a picture.
    """

    def __init__(
        self,
        root: Path,
        validation: Sequence[LabelledFile],
        extension: Sequence[LabelledFile],
        reference: Reference,
        margins: Margins,
        console: Console,
        photographed: Photographed | None = None,
        read: Read = read_labelled,
    ) -> None:
        self.root = root
        self._files, self._more_files = tuple(validation), tuple(extension)
        self._reference, self._margins, self._console = reference, margins, console
        self._photographed, self._read = photographed, read

    def judge(self, file: str, classifier: Classifier) -> CandidateReport:
        """Compare one candidate with the reference; the extension is asked only where validation cannot decide.

        Raises:
            InputError: the reference itself answers NaN or infinity, or the candidate's labels are others.
        """
        # Who may look twice must be surer each time, or the two chances of a false pass add up.
        confidence = 1 - _ERROR / 2 if self._more_files else 1 - _ERROR
        answers, latency = self._compare(file, classifier, self._validation)
        validation = replace(answers, photos=self._photos)
        decision = self._decide(validation, validation, confidence)
        whole, extension = validation, None
        if decision.verdict is Verdict.INCONCLUSIVE and self._more_files:
            added, _ = self._compare(file, classifier, self._extension)
            extension = Extension(len(added.truth), added.agreement, added.pairs().loss)
            whole = replace(validation.joined(added), photos=self._all_photos)
            decision = self._decide(whole, validation, confidence)
        return self._report(file, classifier, decision, validation, whole, extension, confidence, latency)

    @property
    def photos(self) -> int:
        """How many different photos a candidate can be judged by, the extension included."""
        files = len(self.files) + len(self._extension.files if self._more_files else ())
        numbers = self._all_photos if self._more_files else self._photos
        return files if numbers is None else len(np.unique(numbers))

    @property
    def files(self) -> tuple[LabelledFile, ...]:
        """The validation pictures that could be read."""
        return self._validation.files

    def some(self, count: int) -> Answered:
        """Give up to `count` of the validation pictures, spread evenly over all, with the reference's answers."""
        answered = self._validation
        chosen = np.unique(np.linspace(0, len(answered.files) - 1, min(count, len(answered.files))).astype(np.int64))
        return Answered(
            tuple(answered.files[index] for index in chosen), answered.truth[chosen], answered.scores[chosen]
        )

    def frames(self, files: Sequence[LabelledFile]) -> list[Pixels]:
        """Decode pictures to BGR frames."""
        return [self._read(self.root, file) for file in files]

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order of the reference's scores."""
        return self._reference.labels

    @property
    def confusion_reference(self) -> Confusion:
        """The reference's confusion matrix."""
        return _confusion(self._validation.truth, self._validation.scores)

    @cached_property
    def _validation(self) -> Answered:
        return self._reference.answer(self._files)

    @cached_property
    def _extension(self) -> Answered:
        return self._reference.answer(self._more_files)

    @cached_property
    def _photos(self) -> NDArray[np.int64] | None:
        return self._photographed(self.files) if self._photographed else None

    @cached_property
    def _all_photos(self) -> NDArray[np.int64] | None:
        # Over both sets: a copy of a validation photo among the training photos adds nothing.
        return self._photographed([*self.files, *self._extension.files]) if self._photographed else None

    def _compare(self, file: str, classifier: Classifier, asked: Answered) -> tuple[Answers, float]:
        """Let a candidate answer; gives the answers beside the reference's and the median latency in milliseconds."""
        columns = self._columns(file, classifier)
        scores, latencies = [], []
        with self._console.progress(f"answering with {file}", len(asked.files)) as progress:
            for picture in asked.files:
                prediction = classifier.classify(self._read(self.root, picture))
                scores.append(prediction.scores)
                latencies.append(prediction.latency.total)
                progress.advance()
        candidate = label_scores(np.stack(scores), classifier.contract.output)[:, columns]
        return Answers(asked.truth, asked.scores, candidate), float(np.median(latencies))

    def _columns(self, file: str, classifier: Classifier) -> list[int]:
        """Find the reference's labels among the candidate's, which may list them in another order."""
        labels = classifier.contract.output.labels
        if sorted(labels) != sorted(self.labels):
            raise InputError(
                f"expected the reference's labels {', '.join(self.labels)}, received {', '.join(labels)}: {file}"
            )
        return [labels.index(label) for label in self.labels]

    def _decide(self, answers: Answers, validation: Answers, confidence: float) -> Decision:
        # A network knows its training pictures best, and is hurt least on them: what is lost on the validation pictures
        # must not drown among them. They make the bound narrower, no more.
        seen = validation.pairs()
        classes = {label: validation.pairs(validation.truth == index) for index, label in enumerate(self.labels)}
        decision = decide(answers.pairs(), classes, self._margins, confidence, seen)
        nonsense = _nonsense(answers)
        if nonsense:
            return replace(decision, verdict=Verdict.FAIL, reasons=(nonsense,), needed=None)
        return decision if _better_than_chance(answers) else _unproven(decision, answers)

    def _report(
        self,
        file: str,
        classifier: Classifier,
        decision: Decision,
        validation: Answers,
        whole: Answers,
        extension: Extension | None,
        confidence: float,
        latency: float,
    ) -> CandidateReport:
        pairs, n, n_validation = whole.pairs(), len(whole.truth), len(validation.truth)
        finite = bool(validation.finite.all())
        return CandidateReport(
            file=file,
            verdict=decision.verdict,
            reasons=decision.reasons,
            n=n,
            n_validation=n_validation,
            photos=pairs.n,
            agreement=whole.agreement,
            agreement_interval=wilson(whole.agreement * n, n),
            accuracy=float(validation.right.mean()),
            accuracy_interval=wilson(float(validation.right.sum()), n_validation),
            accuracy_reference=float(validation.right_reference.mean()),
            loss=pairs.loss,
            loss_bound=upper_bound(pairs, confidence),
            confidence=confidence,
            needed=decision.needed,
            drift_mean=float(whole.drift.mean()),
            largest_deviation=float(whole.drift.max()),
            drift_histogram=_histogram(whole.drift.max(1)),
            ece=calibration_error(validation.candidate, validation.right) if finite else None,
            ece_reference=calibration_error(validation.reference, validation.right_reference),
            ece_drift=calibration_drift(validation) if finite else None,
            latency_ms=latency,
            unknown_below=fit_threshold(validation),
            classes=self._classes(validation, decision),
            confusion=_confusion(validation.truth, validation.candidate),
            disagreements=self._disagreements(validation),
            n_disagreements=int((~validation.agrees).sum()),
            extension=extension,
            interpreter=classifier.interpreter.name,
        )

    def _classes(self, answers: Answers, decision: Decision) -> dict[str, ClassResult]:
        results = {}
        for index, label in enumerate(self.labels):
            mask = answers.truth == index
            right, n = int(answers.right[mask].sum()), int(mask.sum())
            reference = int(answers.right_reference[mask].sum())
            verdict = decision.classes.get(label, Verdict.PASS)
            results[label] = ClassResult(right / max(n, 1), reference / max(n, 1), n, wilson(right, n), verdict)
        return results

    def _disagreements(self, answers: Answers) -> tuple[Disagreement, ...]:
        differ = np.flatnonzero(~answers.agrees)
        worst = differ[np.argsort(-answers.drift[differ].max(1), kind="stable")][:MOST_DISAGREEMENTS]
        return tuple(self._disagreement(answers, int(index)) for index in worst)

    def _disagreement(self, answers: Answers, index: int) -> Disagreement:
        candidate, reference = np.nan_to_num(answers.candidate[index]), answers.reference[index]
        return Disagreement(
            file=self.files[index].file,
            label=self.labels[answers.truth[index]],
            answer=self.labels[int(candidate.argmax())],
            answer_reference=self.labels[int(reference.argmax())],
            score=float(candidate.max()),
            score_reference=float(reference.max()),
        )


def _better_than_chance(answers: Answers) -> bool:
    right = int(answers.right_reference.sum())
    return wilson(right, len(answers.truth)).low > 1 / int(answers.reference.shape[1])


def _unproven(decision: Decision, answers: Answers) -> Decision:
    """Withhold a pass: whoever keeps what is no better than chance has kept nothing."""
    right = int(answers.right_reference.sum())
    reason = (
        f"the reference answers {right} of {len(answers.truth)} images rightly, no more than chance would; "
        "are they what it was trained for, and its labels in order?"
    )
    verdict = Verdict.FAIL if decision.verdict is Verdict.FAIL else Verdict.INCONCLUSIVE
    return replace(decision, verdict=verdict, reasons=(*decision.reasons, reason))


def _nonsense(answers: Answers) -> str | None:
    """Say why a candidate's answers are none, whatever they are compared with."""
    broken = int((~answers.finite).sum())
    if broken:
        return f"answers NaN or infinity on {broken} of {len(answers.truth)} images"
    if len(answers.truth) > 1 and np.ptp(answers.candidate, axis=0).max() < _CONSTANT:
        return "answers the same scores for every image"
    if not _are_probabilities(answers.candidate) and _are_probabilities(answers.reference):
        low, high = float(answers.candidate.min()), float(answers.candidate.max())
        return f"answers scores from {low:.4g} to {high:.4g}, which are no probabilities"
    return None


def _are_probabilities(scores: Scores) -> bool:
    return bool(scores.min() >= -_SLACK and scores.max() <= 1 + _SLACK)


def _histogram(largest: NDArray[np.float64]) -> tuple[int, ...]:
    counts, _ = np.histogram(np.clip(largest, 0, DRIFT_EDGES[-1]), DRIFT_EDGES)
    return tuple(counts.tolist())


def _confusion(truth: NDArray[np.int64], scores: Scores) -> Confusion:
    classes = scores.shape[1]
    if classes > MOST_CLASSES:
        return ()
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (truth, np.nan_to_num(scores).argmax(1)), 1)
    return tuple(map(tuple, counts.tolist()))
