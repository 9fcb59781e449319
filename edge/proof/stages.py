"""The stages of a check, judged: pure functions from what was found to one line each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from ..contract import Proof
from .golden import FrameResult

_SMALL = 1e-9  # of a difference of scores, which is then worded as none


class Stage(str, Enum):
    """What is looked at, in this order."""

    INTEGRITY = "integrity"
    CONTRACT = "contract"
    RUNTIME = "runtime"
    INPUT = "input tensor"
    SCORES = "scores"
    TOP1 = "top-1"


@dataclass(frozen=True)
class StageResult:
    """How one stage ended, in one line for a person."""

    stage: Stage
    passed: bool
    words: str


def compared(frames: Sequence[FrameResult], proof: Proof, interpreter: str) -> tuple[StageResult, ...]:
    """Judge what this device made of the golden frames, at least one; `interpreter` is named where it computes amiss.

    A regression has no best label, so the last stage is left out.
    """
    stages = [_input(frames), _scores(frames, proof.tolerance, interpreter)]
    if any(frame.expected_top1 is not None for frame in frames):
        stages.append(_top1(frames))
    return tuple(stages)


def _input(frames: Sequence[FrameResult]) -> StageResult:
    wrong = [frame for frame in frames if not frame.same_input]
    count = f"{len(frames) - len(wrong)} of {len(frames)} equal to the bit"
    reasons = [frame.diagnosis for frame in wrong if frame.diagnosis is not None]
    if not reasons:
        return StageResult(Stage.INPUT, not wrong, count)
    # Of several reasons, or of one that is measured, the frame that is furthest off speaks.
    worst = max(reasons, key=lambda reason: reason.difference.largest if reason.difference else 0.0)
    return StageResult(Stage.INPUT, False, f"{count}: {worst.words}")


def _scores(frames: Sequence[FrameResult], tolerance: float, interpreter: str) -> StageResult:
    near = [frame for frame in frames if frame.within(tolerance)]
    count = f"{len(near)} of {len(frames)} within {tolerance:g}"
    incomparable = [frame.file for frame in frames if frame.difference is None]
    if incomparable:
        words = f"{count}: {incomparable[0]} gives {_amiss(frames, incomparable[0])}"
        return StageResult(Stage.SCORES, False, f"{words} ({interpreter})")
    worst = max(frames, key=lambda frame: frame.difference or 0.0)
    largest = f"{worst.difference:.2g}" if (worst.difference or 0.0) > _SMALL else "0"
    words = f"{count}, largest difference {largest}"
    if len(near) < len(frames):
        blame = f"{interpreter} computes otherwise" if worst.same_input else "its input tensor differs already"
        words += f" in {worst.file}: {blame}"
        if _permuted(worst, tolerance):
            words += "; the scores are the workstation's in another order"
    return StageResult(Stage.SCORES, len(near) == len(frames), words)


def _amiss(frames: Sequence[FrameResult], file: str) -> str:
    frame = next(frame for frame in frames if frame.file == file)
    if len(frame.scores) != len(frame.expected_scores):
        return f"{len(frame.scores)} score(s) instead of {len(frame.expected_scores)}"
    return "NaN or infinity"


def _permuted(frame: FrameResult, tolerance: float) -> bool:
    here, there = sorted(score or 0.0 for score in frame.scores), sorted(frame.expected_scores)
    return all(abs(a - b) <= tolerance for a, b in zip(here, there, strict=True))


def _top1(frames: Sequence[FrameResult]) -> StageResult:
    wrong = [frame for frame in frames if frame.top1 != frame.expected_top1]
    words = f"{len(frames) - len(wrong)} of {len(frames)} equal"
    if wrong:
        words += f": {wrong[0].file} is {wrong[0].top1 or 'none'} here, {wrong[0].expected_top1} on the workstation"
    return StageResult(Stage.TOP1, not wrong, words)
