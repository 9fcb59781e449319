"""What the loop tells its sinks: one frame and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .classifier import Prediction
from .sources import Frame


@dataclass(frozen=True)
class Answer:
    """One frame's answer.

    `prediction` is what the network said of this frame alone. `label`, `score` and `probabilities` are what is to be
    shown: the same, unless smoothing or a hold was asked for; `score` is that of the label, or the best one where the
    label is "unknown". `age` is how old the frame was when inference began, in seconds, and `dropped` how many frames
    of the source went unanswered until then.

    The frame's image is only good until the sink returns, because its memory is used again: copy what is kept.
    """

    frame: Frame
    prediction: Prediction
    label: str | None
    score: float
    probabilities: Mapping[str, float]
    age: float
    dropped: int

    @classmethod
    def plain(cls, frame: Frame, prediction: Prediction, age: float = 0.0, dropped: int = 0) -> Answer:
        """Show what the network said, as it is."""
        return cls(frame, prediction, prediction.label, prediction.score, prediction.probabilities, age, dropped)
