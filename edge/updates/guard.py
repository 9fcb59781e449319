"""What the loop asks for answers where models may be exchanged: the model in use, or one on probation."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..classifier import Classifier, Origin, Prediction
from ..errors import InputError
from .probation import Probation
from .remote import RemoteInterpreter
from .shadow import Shadow
from .terms import Terms

_RECENT = 200  # latencies, of which the longest says what is late


@dataclass(frozen=True)
class Lost:
    """A model that had passed and was given up: what it was, and why."""

    origin: Origin | None
    reason: str


class Guard:
    """Answers frames; beside that, for the watcher's thread: `shadow` is shown the frames, `swap` exchanges the model.

    Args:
        first: the model that the run began with.
        resort: opens it again, for a later one that fails when nothing else is left.
        terms: of a probation.
    """

    def __init__(self, first: Classifier, resort: Callable[[], Classifier], terms: Terms) -> None:
        self.shadow: Shadow | None = None
        self.lost: Lost | None = None
        self._now, self._resort, self._terms = first, resort, terms
        self._next: tuple[Classifier, RemoteInterpreter] | None = None
        self._probation: Probation | None = None
        self._recent: deque[float] = deque(maxlen=_RECENT)

    @property
    def current(self) -> Classifier:
        """The model in use; during a probation, the old one."""
        return self._now

    @property
    def probation(self) -> Probation | None:
        """The probation of the model that was given last, once the loop has begun with it."""
        return self._probation

    def swap(self, new: Classifier, interpreter: RemoteInterpreter) -> None:
        """Go on with another model from the next frame on, on probation; the result is that of `probation`."""
        self._probation = None
        self._next = new, interpreter

    def classify(self, sample: NDArray[np.generic]) -> Prediction:
        """Answer one frame.

        Raises:
            InputError: no model that is left can answer it.
        """
        if self._next is not None and self._recent:
            self._probation = Probation(*self._next, self._now, tuple(self._recent), self._terms)
            self._next = None
        probation = self._probation
        if probation is None or probation.over.is_set():
            prediction = self._answer(sample)
        else:
            prediction = self._on_probation(sample, probation)
        if self.shadow is not None:
            self._show(sample)
        return prediction

    def forget(self) -> None:
        """Let go of a probation that is over, and with it of the old model."""
        self._probation = None

    def _answer(self, sample: NDArray[np.generic]) -> Prediction:
        try:
            prediction = self._now.classify(sample)
        except InputError as error:
            prediction = self._resorted(sample, error)
        self._recent.append(prediction.latency.total)
        return prediction

    def _on_probation(self, sample: NDArray[np.generic], probation: Probation) -> Prediction:
        try:
            prediction = probation.classify(sample)
        except InputError as error:  # the old model's
            probation.give_up(f"{error}; so did the model before")
            return self._resorted(sample, error)
        if probation.over.is_set():
            self._now = probation.current
            self._recent.clear()
        return prediction

    def _resorted(self, sample: NDArray[np.generic], error: InputError) -> Prediction:
        if not isinstance(self._now.interpreter, RemoteInterpreter):
            raise error
        self.lost = Lost(self._now.origin, str(error))
        self._now = self._resort()
        return self._now.classify(sample)

    def _show(self, sample: NDArray[np.generic]) -> None:
        shadow = self.shadow  # which the watcher may take away meanwhile
        if shadow is not None:
            shadow.offer(sample)
