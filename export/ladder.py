"""The ladder: what to try, step by step, where int8 does not keep the accuracy; each step is larger or slower."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..edge.contract import Format, Precision, Verdict
from .parity.report import CandidateReport
from .parity.statistics import Pairs, upper_bound


@dataclass(frozen=True)
class Rung:
    """One step: a precision, and for MIXED how many layers stay floats."""

    precision: Precision
    float_layers: int = 0

    @property
    def words(self) -> str:
        """The step as a person reads it."""
        if not self.float_layers:
            return self.precision.value
        return f"int8 with {self.float_layers} layer{'s' if self.float_layers > 1 else ''} in floats"


MOST_FLOAT_LAYERS = 10
_MIXED = tuple(Rung(Precision.MIXED, count) for count in (1, 3, MOST_FLOAT_LAYERS))
# int16x8 stands behind dynamic range: interpreters have no fast kernels for it, and it is the slowest of all.
RUNGS = {
    Format.TFLITE: (*_MIXED, Rung(Precision.DYNAMIC), Rung(Precision.INT16X8), Rung(Precision.FLOAT16)),
    Format.ONNX: (*_MIXED, Rung(Precision.FLOAT16)),
}


def worth_climbing(report: CandidateReport, margin: float) -> bool:
    """Tell whether another precision could pass: this one did not, and the images would let a lossless one pass."""
    if report.verdict is Verdict.PASS or report.confidence is None:
        return False
    return upper_bound(Pairs(report.photos, 0, 0), report.confidence) <= margin


def climb(kind: Format, attempt: Callable[[Rung], CandidateReport]) -> Iterator[tuple[Rung, CandidateReport]]:
    """Go up rung by rung until one passes; gives each that was tried."""
    for rung in RUNGS[kind]:
        report = attempt(rung)
        yield rung, report
        if report.verdict is Verdict.PASS:
            return
