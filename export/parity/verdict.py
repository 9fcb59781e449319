"""From counts to a verdict: pure decisions, without a model in sight."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...edge.contract import Verdict
from .statistics import Pairs, images_needed, lower_bound, upper_bound


@dataclass(frozen=True)
class Margins:
    """How much accuracy a candidate may lose, as fractions: over the whole set, and in any one class."""

    whole: float = 0.01
    one_class: float = 0.05

    def __post_init__(self) -> None:
        for margin in (self.whole, self.one_class):
            if not 0 <= margin <= 1:  # NaN is neither, and would let everything pass
                raise ValueError(f"expected margins from 0 to 1, received {margin}")


@dataclass(frozen=True)
class Decision:
    """A verdict and, unless it is a pass, why, one line each; `needed` images would decide what these could not.

    `classes` holds the classes that lost more than their margin, with the verdict that each of them gives.
    """

    verdict: Verdict
    reasons: tuple[str, ...] = ()
    needed: int | None = None
    classes: Mapping[str, Verdict] = field(default_factory=dict)


def decide(
    whole: Pairs,
    classes: Mapping[str, Pairs],
    margins: Margins,
    confidence: float = 0.95,
    validation: Pairs | None = None,
) -> Decision:
    """Judge by non-inferiority.

    Passes where the one-sided upper bound of the loss, at this confidence, is within the margin and no class lost
    more than its own; fails where the lower bound is beyond the margin, or a class lost more than its margin and more
    than chance explains; anything between is inconclusive.

    Args:
        whole: all pictures.
        classes: the validation pictures of each class.
        margins: what may be lost.
        confidence: of each bound.
        validation: the validation pictures, where `whole` has others too; what they lost must be within the margin.
    """
    failed, doubtful, needed = _whole(whole, margins.whole, confidence, validation)
    lossy = {label: pairs for label, pairs in classes.items() if pairs.loss > margins.one_class}
    # What is more than chance explains fails; what chance may have done is a doubt.
    verdicts = {
        label: Verdict.FAIL if lower_bound(pairs, confidence) > 0 else Verdict.INCONCLUSIVE
        for label, pairs in lossy.items()
    }
    for label, pairs in lossy.items():
        (failed if verdicts[label] is Verdict.FAIL else doubtful).append(
            f"class {label} lost {_points(pairs.loss)} on {pairs.n} images, "
            f"where {_points(margins.one_class)} are allowed"
        )
    if failed:
        return Decision(Verdict.FAIL, tuple(failed + doubtful), classes=verdicts)
    return Decision(Verdict.INCONCLUSIVE if doubtful else Verdict.PASS, tuple(doubtful), needed, verdicts)


def _whole(
    whole: Pairs, margin: float, confidence: float, validation: Pairs | None
) -> tuple[list[str], list[str], int | None]:
    """Judge all pictures together: why it fails, why it is in doubt, and how many images would decide."""
    upper, lower = upper_bound(whole, confidence), lower_bound(whole, confidence)
    sure, allowed = f"({confidence:.1%} sure)", f"where {_points(margin)} are allowed"
    if lower > margin:
        return [f"lost {_points(whole.loss)}, at least {_points(lower)} {sure}, {allowed}"], [], None
    if upper > margin:
        needed = images_needed(whole, margin, confidence)
        remedy = (
            f"about {needed:,} images would decide: give more"
            if needed
            else f"{_points(whole.loss)} were lost on these"
        )
        images = "1 image" if whole.n == 1 else f"{whole.n} images"
        return [], [f"the loss may be up to {_points(upper)} {sure} on {images}, {allowed}; {remedy}"], needed
    if validation is not None and validation.loss > margin:
        hidden = f"{_points(validation.loss)} were lost on {validation.n} validation images, {allowed}"
        return [], [f"{hidden}; the training images hide it"], None
    return [], [], None


def worst(verdicts: list[Verdict]) -> Verdict:
    """Sum up several candidates: one failure fails, then one doubt is a doubt."""
    for verdict in (Verdict.FAIL, Verdict.INCONCLUSIVE):
        if verdict in verdicts:
            return verdict
    return Verdict.PASS


def _points(fraction: float) -> str:
    return f"{fraction * 100:.2f} points"
