"""The ladder: what to try, step by step, where int8 does not keep the accuracy; each step is larger or slower."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

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


def could_pass(photos: int, confidence: float, margin: float) -> bool:
    """Tell whether so many photos would let a precision pass that loses nothing."""
    return upper_bound(Pairs(photos, 0, 0), confidence) <= margin


def climb(
    kind: Format, layers: int, attempt: Callable[[Rung], CandidateReport | None]
) -> Iterator[tuple[Rung, CandidateReport]]:
    """Go up rung by rung until one passes.

    Args:
        kind: the format, whose rungs these are.
        layers: how many layers bring in noise; no rung keeps more of them in floats, and none as many as the last.
        attempt: makes and judges what a rung says; None where the network cannot be brought to it.

    Yields:
        Each rung that could be tried, and what came of it.
    """
    for rung in _rungs(kind, layers):
        report = attempt(rung)
        if report is None:
            continue
        yield rung, report
        if report.verdict is Verdict.PASS:
            return


def _rungs(kind: Format, layers: int) -> Iterator[Rung]:
    before = 0
    for rung in RUNGS[kind]:
        count = min(rung.float_layers, layers)
        if rung.precision is not Precision.MIXED or count > before:
            yield replace(rung, float_layers=count)
            before = count
