"""Parity of a regression: no answer may deviate from the reference by more than the margin of its range."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ...edge.classifier import Classifier
from ...edge.contract import NumberInput, Verdict
from ...edge.errors import InputError
from .report import CandidateReport, Confusion
from .verdict import Margins

Numbers = NDArray[np.float32]


def evenly(spec: NumberInput, count: int) -> Numbers:
    """Give samples spread evenly over a regression's range, float32 of shape (count, spec.count)."""
    return np.repeat(np.linspace(*spec.range, count, dtype=np.float32)[:, None], spec.count, axis=1)


class NumberJudge:
    """Judges candidates on `samples`, float32 (n, count), against `predict`, which gives (n, units)."""

    def __init__(self, samples: Numbers, predict: Callable[[Numbers], Numbers], margins: Margins) -> None:
        self._samples, self._margins = samples, margins
        self._reference = predict(samples)
        if not np.isfinite(self._reference).all():
            raise InputError("expected a network that answers numbers, received NaN or infinity; train again")

    def judge(self, file: str, classifier: Classifier) -> CandidateReport:
        """Compare one candidate with the reference.

        Raises:
            InputError: it takes or gives another number of numbers.
        """
        predictions = [classifier.classify(sample) for sample in self._samples]
        answers = np.stack([prediction.scores for prediction in predictions])
        if answers.shape != self._reference.shape:
            units, found = self._reference.shape[1], answers.shape[1]
            raise InputError(f"expected {units} number(s) for an answer, received {found}: {file}")
        deviation = np.abs(answers - self._reference)
        allowed = self._margins.whole * float(np.ptp(self._reference))
        finite = bool(np.isfinite(deviation).all())
        largest = float(deviation.max()) if finite else float(np.finfo(np.float32).max)
        passed = finite and largest <= allowed
        reason = f"deviates by {largest:.4g} of {allowed:.4g} allowed" if finite else "answers NaN or infinity"
        return CandidateReport(
            file=file,
            verdict=Verdict.PASS if passed else Verdict.FAIL,
            reasons=() if passed else (reason,),
            n=len(self._samples),
            n_validation=len(self._samples),
            photos=len(self._samples),
            agreement=None,
            agreement_interval=None,
            accuracy=None,
            accuracy_interval=None,
            accuracy_reference=None,
            loss=None,
            loss_bound=None,
            confidence=None,
            needed=None,
            drift_mean=float(deviation.mean()) if finite else largest,
            largest_deviation=largest,
            drift_histogram=(),
            ece=None,
            ece_reference=None,
            ece_drift=None,
            latency_ms=float(np.median([prediction.latency.total for prediction in predictions])),
            unknown_below=0.0,
            classes={},
            confusion=(),
            disagreements=(),
            extension=None,
            interpreter=classifier.interpreter.name,
            allowed_deviation=allowed,
        )

    @property
    def photos(self) -> int:
        """How many samples a candidate is judged by."""
        return len(self._samples)

    @property
    def confusion_reference(self) -> Confusion:
        """Empty: numbers have no classes."""
        return ()
