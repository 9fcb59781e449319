"""The loss of a candidate as a bar: what was seen, how much more it may be, and the margin beside it."""

from __future__ import annotations

from dataclasses import dataclass

from ....edge.contract import Verdict
from ....workstation.pages.words import points
from ..report import CandidateReport

# The stretch that a bar shows, in margins: from a gain of a half to a loss of two and a half.
_LOWEST, _HIGHEST = -0.5, 2.5
_LEAST_MARGIN = 0.001  # stands for a margin of 0, which has no length


@dataclass(frozen=True)
class LossBar:
    """Where the marks of a bar stand, in hundredths of its length; what lies outside of it stands at its end.

    `beyond` tells that the bound lies outside, and `words` say the same as the bar.
    """

    zero: float
    margin: float
    loss: float
    bound: float
    beyond: bool
    verdict: Verdict
    words: str


def loss_bar(candidate: CandidateReport, margin: float) -> LossBar | None:
    """Lay a candidate's loss out beside the margin; None where it has none, as a regression."""
    if candidate.loss is None or candidate.loss_bound is None:
        return None
    unit = max(margin, _LEAST_MARGIN)
    return LossBar(
        zero=_place(0.0, unit),
        margin=_place(margin, unit),
        loss=_place(candidate.loss, unit),
        bound=_place(candidate.loss_bound, unit),
        beyond=candidate.loss_bound > _HIGHEST * unit,
        verdict=candidate.verdict,
        words=f"lost {points(candidate.loss)} points, at most {points(candidate.loss_bound)}, "
        f"where {points(margin)} points are allowed",
    )


def _place(value: float, unit: float) -> float:
    share = (value / unit - _LOWEST) / (_HIGHEST - _LOWEST)
    return round(100 * min(max(share, 0.0), 1.0), 2)
