"""The first answers of a new model, while the old one stands by: whatever fails, the same frame is answered."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..classifier import Classifier, Prediction
from ..errors import InputError
from .child import LateError
from .remote import HUNG, RemoteInterpreter
from .terms import Terms

SHORTEST = 0.010  # seconds that a new model is waited for at least; below, it is the scheduler that is late
_WAY = 1.0  # milliseconds that the way to another process may take
_SILENCE = 1.0  # seconds after which an answer that was given up counts as a hang


class Probation:
    """Answers with the new model, and with the old one where the new one fails or is late.

    `over` is set with the result: `failure` says why the old model goes on; None where the new one has passed.

    Args:
        new: and `interpreter`, its own.
        old: what answered before.
        recent: milliseconds of the old one's newest answers, at least one.
        terms: how long it lasts, and how late is late.
    """

    def __init__(
        self,
        new: Classifier,
        interpreter: RemoteInterpreter,
        old: Classifier,
        recent: Sequence[float],
        terms: Terms,
    ) -> None:
        self.failure: str | None = None
        self.over = threading.Event()
        self.answered = 0
        self._new, self._interpreter, self._old, self._terms = new, interpreter, old, terms
        self._bound = terms.latency * statistics.median(recent) + _WAY
        self._late = 0
        self._latencies: list[float] = []
        self._old_again: list[float] | None = None  # the old model's latencies, where both answer in turn
        self._end = time.monotonic() + terms.probation
        interpreter.patience = max(SHORTEST, max(recent) / 1e3, terms.latency * statistics.median(recent) / 1e3)

    @property
    def current(self) -> Classifier:
        """What goes on to answer, once it is over."""
        return self._new if self.failure is None else self._old

    def classify(self, sample: NDArray[np.generic]) -> Prediction:
        """Answer one frame.

        Raises:
            InputError: the old model cannot answer it either.
        """
        if self._old_again is not None and len(self._old_again) <= len(self._latencies):
            again = self._old.classify(sample)
            self._old_again.append(again.latency.total)
            return again
        try:
            prediction = None if self._interpreter.is_busy() else self._new.classify(sample)
        except LateError:
            prediction = None
            self._late += 1
        except InputError as error:
            self.give_up(str(error))
            return self._old.classify(sample)
        if prediction is None:
            prediction = self._old.classify(sample)
            self._consider_lateness()
        else:
            self.answered += 1
            self._latencies.append(prediction.latency.total)
        if not self.over.is_set():
            self._judge()
        return prediction

    def _consider_lateness(self) -> None:
        since = self._interpreter.busy_since
        if since is not None and time.monotonic() - since > _SILENCE:
            self.give_up(f"expected an answer within {_SILENCE:g} s, received none: it hangs")
        elif self._late >= self._terms.fewest and self._late > self.answered:
            self.give_up(f"{self._late} of {self._late + self.answered} answers were late")

    def _judge(self) -> None:
        if time.monotonic() < self._end or self.answered < self._terms.fewest:
            return
        if self._old_again is not None:
            if len(self._latencies) < self._terms.fewest:
                return
            self._bound = self._terms.latency * statistics.median(self._old_again) + _WAY
        median = statistics.median(self._latencies)
        if median <= self._bound:
            self._finish(None)
        elif self._old_again is None:  # the machine may be busier than before the swap: both again, in turn
            self._old_again = []
            self._latencies.clear()
        else:
            self._finish(f"its answers take {median:.1f} ms, bound {self._bound:.1f} ms")

    def give_up(self, reason: str) -> None:
        """End it; the old model goes on."""
        self._finish(reason)

    def _finish(self, failure: str | None) -> None:
        self.failure = failure
        self._interpreter.patience = HUNG
        self._latencies.clear()
        self.over.set()
