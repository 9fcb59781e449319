"""Parity of a classifier of pictures: the candidate answers the files themselves, through the device's own code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...edge.classifier import Classifier, label_scores
from ...edge.console import Console
from ...edge.contract import Verdict
from ...edge.errors import InputError
from ...edge.folders import LabelledFile
from ...edge.pixel_set import PixelSet, read_labelled
from .report import CandidateReport, ClassResult, Extension
from .statistics import Pairs, upper_bound
from .verdict import Decision, Margins, decide

_QUANTILE = 0.01  # of the right answers may fall below the threshold of "unknown"
_ERROR = 0.05  # the chance that a file passes whose true loss is at the margin
_CONSTANT = 1e-6  # scores that differ by less over the whole set say nothing about the pictures

Scores = NDArray[np.float32]


@dataclass(frozen=True)
class Answers:
    """Scores of the reference and of a candidate on the same pictures, (n, labels), and the true indices, (n,)."""

    truth: NDArray[np.int64]
    reference: Scores
    candidate: Scores

    def joined(self, other: Answers) -> Answers:
        """Put the pictures of both together."""
        return Answers(
            np.concatenate([self.truth, other.truth]),
            np.concatenate([self.reference, other.reference]),
            np.concatenate([self.candidate, other.candidate]),
        )

    @property
    def right(self) -> NDArray[np.bool_]:
        """Tell which pictures the candidate got right; NaN is never right."""
        right: NDArray[np.bool_] = (self.candidate.argmax(1) == self.truth) & np.isfinite(self.candidate).all(1)
        return right

    @property
    def right_reference(self) -> NDArray[np.bool_]:
        """Tell which pictures the reference got right."""
        right: NDArray[np.bool_] = self.reference.argmax(1) == self.truth
        return right

    @property
    def agreement(self) -> float:
        """Share of pictures on which both give the same label."""
        return float((self.candidate.argmax(1) == self.reference.argmax(1)).mean())

    def pairs(self, chosen: NDArray[np.bool_] | None = None) -> Pairs:
        """Count the discordant pairs, of all pictures or of the chosen ones."""
        mask = np.ones(len(self.truth), bool) if chosen is None else chosen
        right, reference = self.right[mask], self.right_reference[mask]
        return Pairs(int(mask.sum()), int((reference & ~right).sum()), int((right & ~reference).sum()))


class PictureJudge:
    """Judges candidates against one reference on one set of pictures.

    Args:
        root: the folder that the files' paths are relative to.
        labels: every label, in the order of the outputs.
        validation: the pictures that accuracy is claimed on, decoded.
        extension: more pictures, for where those cannot decide: training pictures that calibration did not use.
        read: decodes the extension when it is needed.
        predict: the reference; from uint8 pixels (n, height, width, channels) to outputs (n, units).
        margins: what may be lost.
        console: where progress goes.
    """

    def __init__(
        self,
        root: Path,
        labels: Sequence[str],
        validation: PixelSet,
        extension: Sequence[LabelledFile],
        read: Callable[[Sequence[LabelledFile]], PixelSet],
        predict: Callable[[NDArray[np.uint8]], Scores],
        margins: Margins,
        console: Console,
    ) -> None:
        self._root, self._labels = root, tuple(labels)
        self._validation, self._extension_files, self._read = validation, tuple(extension), read
        self._predict, self._margins, self._console = predict, margins, console

    def judge(self, file: str, classifier: Classifier) -> CandidateReport:
        """Compare one candidate with the reference; the extension is asked only where validation cannot decide.

        Raises:
            InputError: the reference itself answers NaN or infinity.
        """
        # Who may look twice must be surer each time, or the two chances of a false pass add up.
        confidence = 1 - _ERROR / 2 if self._extension_files else 1 - _ERROR
        scores, latencies = self._score(file, classifier, self._validation.files)
        validation = Answers(self._validation.labels, self._label_scores(self._reference, classifier), scores)
        decision = self._decide(validation, confidence)
        whole, extension = validation, None
        if decision.verdict is Verdict.INCONCLUSIVE and self._extension_files:
            more, _ = self._score(file, classifier, self._extension.files)
            added = Answers(self._extension.labels, self._label_scores(self._reference_extension, classifier), more)
            extension = Extension(len(added.truth), added.agreement, added.pairs().loss)
            whole = validation.joined(added)
            decision = self._decide(whole, confidence)
        drift = np.abs(whole.candidate - whole.reference)
        return CandidateReport(
            file=file,
            verdict=decision.verdict,
            reasons=decision.reasons,
            n=len(whole.truth),
            n_validation=len(validation.truth),
            agreement=whole.agreement,
            accuracy=float(validation.right.mean()),
            accuracy_reference=float(validation.right_reference.mean()),
            loss=whole.pairs().loss,
            loss_bound=upper_bound(whole.pairs(), confidence),
            confidence=confidence,
            drift_mean=float(np.nan_to_num(drift, nan=1.0).mean()),
            largest_deviation=float(np.nan_to_num(drift, nan=1.0).max()),
            latency_ms=float(np.median(latencies)),
            unknown_below=fit_threshold(validation),
            classes=self._classes(validation),
            extension=extension,
            interpreter=classifier.interpreter.name,
        )

    @cached_property
    def _extension(self) -> PixelSet:
        return self._read(self._extension_files)

    @cached_property
    def _reference(self) -> Scores:
        return self._ask(self._validation.pixels)

    @cached_property
    def _reference_extension(self) -> Scores:
        return self._ask(self._extension.pixels)

    def _ask(self, pixels: NDArray[np.uint8]) -> Scores:
        scores = self._predict(pixels)
        if not np.isfinite(scores).all():
            raise InputError("expected a network that answers numbers, received NaN or infinity; train again")
        return scores

    def _label_scores(self, outputs: Scores, classifier: Classifier) -> Scores:
        return label_scores(outputs, classifier.contract.output)

    def _score(self, what: str, classifier: Classifier, files: Sequence[LabelledFile]) -> tuple[Scores, list[float]]:
        scores, latencies = [], []
        with self._console.progress(f"answering with {what}", len(files)) as progress:
            for file in files:
                prediction = classifier.classify(read_labelled(self._root, file))
                scores.append(prediction.scores)
                latencies.append(prediction.latency.total)
                progress.advance()
        return self._label_scores(np.stack(scores), classifier), latencies

    def _decide(self, answers: Answers, confidence: float) -> Decision:
        if not np.isfinite(answers.candidate).all():
            broken = int((~np.isfinite(answers.candidate).all(1)).sum())
            return Decision(Verdict.FAIL, (f"answers NaN or infinity on {broken} of {len(answers.truth)} images",))
        if np.ptp(answers.candidate, axis=0).max() < _CONSTANT:
            return Decision(Verdict.FAIL, ("answers the same scores for every image",))
        classes = {label: answers.pairs(answers.truth == index) for index, label in enumerate(self._labels)}
        return decide(answers.pairs(), classes, self._margins, confidence)

    def _classes(self, answers: Answers) -> dict[str, ClassResult]:
        results = {}
        for index, label in enumerate(self._labels):
            mask = answers.truth == index
            recall, reference = answers.right[mask].mean(), answers.right_reference[mask].mean()
            results[label] = ClassResult(float(recall), float(reference), int(mask.sum()))
        return results


def fit_threshold(answers: Answers) -> float:
    """Fit the score below which an answer is "unknown": 1 % of the candidate's right answers fall below it.

    Never below chance, 1 / labels; chance itself where no answer is right.
    """
    chance = 1 / answers.candidate.shape[1]
    best = answers.candidate[answers.right].max(1)
    return float(max(chance, np.quantile(best, _QUANTILE))) if len(best) else chance
