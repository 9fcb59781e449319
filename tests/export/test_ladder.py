"""The ladder, rung by rung, and a network that int8 really ruins on its way up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from edgeproof.edge.console import Console
from edgeproof.edge.contract import Format, Precision, Verdict
from edgeproof.edge.errors import InputError
from edgeproof.export.exporter import _Climb
from edgeproof.export.ladder import RUNGS, Rung, climb, could_pass
from edgeproof.export.layers.noise import LayerComparison
from edgeproof.export.options import Options
from edgeproof.export.parity.report import CandidateReport
from edgeproof.export.parity.verdict import Margins
from parity_reports import make_candidate, make_failing, make_ladder, make_undecided


@pytest.mark.parametrize(
    # Tango's bound where nothing was lost or won is z² / (n + z²); z is 1.645 and 1.960.
    ("photos", "confidence", "margin", "could"),
    [(267, 0.95, 0.01, False), (268, 0.95, 0.01, True), (380, 0.975, 0.01, False), (381, 0.975, 0.01, True)],
)
def test_only_enough_photos_are_worth_a_climb(photos: int, confidence: float, margin: float, could: bool) -> None:
    assert could_pass(photos, confidence, margin) is could


def walk(kind: Format, layers: int, verdicts: dict[str, CandidateReport | None]) -> tuple[list[str], list[str]]:
    """Walk where rungs that `verdicts` leaves out fail; gives what was tried and what came of the walk."""
    tried = []

    def attempt(rung: Rung) -> CandidateReport | None:
        tried.append(rung.words)
        return verdicts.get(rung.words, make_failing())

    return tried, [f"{rung.words} {report.verdict.value}" for rung, report in climb(kind, layers, attempt)]


def test_the_walk_ends_at_the_first_rung_that_passes() -> None:
    tried, steps = walk(Format.TFLITE, 50, {"dynamic": make_candidate(), "fp16": make_candidate()})
    assert tried == [*(f"int8 with {layers} in floats" for layers in ("1 layer", "3 layers", "10 layers")), "dynamic"]
    assert steps == [*(f"{rung} fail" for rung in tried[:3]), "dynamic pass"]


def test_the_walk_goes_to_the_top_where_none_passes() -> None:
    undecided = {"fp16": make_undecided()}
    for kind, top in ((Format.TFLITE, ["dynamic fail", "int16x8 fail", "fp16 inconclusive"]), (Format.ONNX, [])):
        _, steps = walk(kind, 50, undecided)
        assert steps[3:] == (top or ["fp16 inconclusive"])


def test_a_rung_that_cannot_be_made_is_left_out() -> None:
    _, steps = walk(Format.TFLITE, 50, {"int16x8": None, "fp16": make_candidate()})
    assert steps[3:] == ["dynamic fail", "fp16 pass"]


@pytest.mark.parametrize(
    ("layers", "counts"), [(0, []), (1, [1]), (2, [1, 2]), (3, [1, 3]), (4, [1, 3, 4]), (10, [1, 3, 10])]
)
def test_no_rung_keeps_more_layers_in_floats_than_there_are(layers: int, counts: list[int]) -> None:
    rungs = [rung for rung, _ in climb(Format.ONNX, layers, lambda _: make_failing())]
    assert [rung.float_layers for rung in rungs if rung.precision is Precision.MIXED] == counts
    assert rungs[-1] == Rung(Precision.FLOAT16)


def test_every_rung_is_one_that_its_format_has() -> None:
    assert [rung.precision.value for rung in RUNGS[Format.ONNX]] == ["mixed"] * 3 + ["fp16"]
    assert [rung.precision.value for rung in RUNGS[Format.TFLITE]] == ["mixed"] * 3 + ["dynamic", "int16x8", "fp16"]


def test_what_the_ladder_led_to_counts_in_the_place_of_its_steps() -> None:
    report = make_ladder()
    assert report.given_up == {"rps-int8.onnx": "rps-dynamic.onnx", "rps-mixed.onnx": "rps-dynamic.onnx"}
    assert report.verdict is Verdict.PASS
    assert replace(report, ladder=()).verdict is Verdict.FAIL


def test_a_ladder_that_led_nowhere_fails() -> None:
    report = make_ladder()
    last = make_failing("rps-dynamic.onnx")
    assert replace(report, candidates=(*report.candidates[:-1], last)).verdict is Verdict.FAIL
    doubtful = make_undecided("rps-dynamic.onnx")
    assert replace(report, candidates=(*report.candidates[:-1], doubtful)).verdict is Verdict.INCONCLUSIVE


def test_a_ladder_excuses_no_file_but_its_own() -> None:
    report = make_ladder()
    for other in (make_failing("rps-fp32.onnx"), make_failing("rps-int8.tflite")):
        assert replace(report, candidates=(*report.candidates, other)).verdict is Verdict.FAIL


@dataclass(frozen=True)
class Made:
    """As much of a candidate as the climb looks at."""

    format: Format
    precision: Precision
    report: CandidateReport


class FakeWorkshop:
    """Makes candidates that fail, except float16; cannot make int16x8."""

    photos = 10_000

    def __init__(self) -> None:
        self.made: list[tuple[Precision, tuple[str, ...]]] = []

    def make(self, kind: Format, precision: Precision, float_layers: Sequence[str] = ()) -> Made:
        self.made.append((precision, tuple(float_layers)))
        if precision is Precision.INT16X8:
            raise InputError("expected layers that have integer kernels, received HARD_SWISH")
        file = f"rps-{precision.value}.{kind.value}"
        return Made(kind, precision, (make_candidate if precision is Precision.FLOAT16 else make_failing)(file))

    def compare(self, candidate: Made) -> tuple[LayerComparison, ...]:
        assert candidate.precision is Precision.INT8
        return tuple(LayerComparison(name, 10.0, added) for name, added in [("a", 0.1), ("b", 0.3), ("c", 0.0)])


def climb_from(candidates: list[Made], workshop: FakeWorkshop, console: Console) -> _Climb:
    options = Options((Precision.INT8,), (Format.TFLITE,), Margins(), auto=True)
    return _Climb(workshop, candidates, Format.TFLITE, options, console)  # type: ignore[arg-type]


def test_a_climb_keeps_the_noisiest_layers_and_one_file_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    workshop, candidates = FakeWorkshop(), [Made(Format.TFLITE, Precision.INT8, make_failing("rps-int8.tflite"))]
    steps = climb_from(candidates, workshop, Console(quiet=True)).steps
    assert workshop.made == [
        (Precision.MIXED, ("b",)),
        (Precision.MIXED, ("b", "a")),
        (Precision.DYNAMIC, ()),
        (Precision.INT16X8, ()),
        (Precision.FLOAT16, ()),
    ]
    assert [step.rung for step in steps] == [
        "int8",
        "int8 with 1 layer in floats",
        "int8 with 2 layers in floats",
        "dynamic",
        "fp16",
    ]
    assert [made.precision.value for made in candidates] == ["int8", "mixed", "dynamic", "fp16"]
    assert capsys.readouterr().err == (
        "warning: tflite, int16x8: expected layers that have integer kernels, received HARD_SWISH\n"
    )


def test_a_climb_takes_what_was_made_already() -> None:
    workshop = FakeWorkshop()
    asked = [(Precision.DYNAMIC, make_candidate), (Precision.INT8, make_failing)]
    candidates = [Made(Format.TFLITE, p, make(f"rps-{p.value}.tflite")) for p, make in asked]
    steps = climb_from(candidates, workshop, Console(quiet=True)).steps
    assert [precision for precision, _ in workshop.made] == [Precision.MIXED] * 2
    assert (steps[-1].rung, steps[-1].verdict) == ("dynamic", Verdict.PASS)
    assert len(candidates) == 3


@pytest.mark.parametrize(
    "start", [make_candidate("rps-int8.tflite"), replace(make_failing("rps-int8.tflite"), confidence=None)]
)
def test_nothing_is_tried_where_int8_passes_or_numbers_are_judged(start: CandidateReport) -> None:
    workshop = FakeWorkshop()
    assert climb_from([Made(Format.TFLITE, Precision.INT8, start)], workshop, Console()).steps == ()
    assert workshop.made == []
