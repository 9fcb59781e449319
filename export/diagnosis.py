"""Looks into a candidate that failed: the detective first, and where it names nothing, the layers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..edge.classifier import Classifier
from ..edge.contract import Verdict
from .parity.detective import investigate
from .parity.pictures import PictureJudge
from .parity.report import CandidateReport, Diagnosis, LayerNoise

_FRAMES = 60  # tell the suspects apart
_FEWEST = 12
_LOOKS = 40  # how often each is fed anew, about: once for each suspect
_PATIENCE = 60_000  # milliseconds
_DIFFERENT = 0.95  # agreement below which something is wrong, whatever the verdict


def diagnose(
    report: CandidateReport,
    classifier: Classifier,
    judge: object,
    layers: Callable[[], tuple[LayerNoise, ...]] | None = None,
) -> Diagnosis | None:
    """Say why a candidate does not answer as its reference does.

    Args:
        report: what the judge found.
        classifier: the candidate.
        judge: who found it; only pictures have suspects.
        layers: compares the layers, the noisiest first, where there is a float network to compare with.

    Returns:
        None where nothing failed, and where nothing can be found out.
    """
    if not isinstance(judge, PictureJudge) or not _is_off(report):
        return None
    affordable = int(_PATIENCE / (_LOOKS * max(report.latency_ms, 1e-3)))
    answered = judge.some(min(_FRAMES, max(_FEWEST, affordable)))
    found = investigate(classifier, judge.frames(answered.files), answered.scores, judge.labels)
    if found.causes or layers is None:
        return found
    return replace(found, layers=layers())


def _is_off(report: CandidateReport) -> bool:
    return report.verdict is Verdict.FAIL or (report.agreement is not None and report.agreement < _DIFFERENT)
