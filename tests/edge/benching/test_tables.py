from __future__ import annotations

from dataclasses import replace

import pytest

from edgeproof.edge.benching.conditions import Conditions
from edgeproof.edge.benching.pick import PickReport, Standing
from edgeproof.edge.benching.profile import Kernel, Op, Profile, together, totals
from edgeproof.edge.benching.report import Comparison, Memory, ModelReport, Row, Side
from edgeproof.edge.benching.statistics import Distribution, Ratio
from edgeproof.edge.benching.surroundings import Surroundings
from edgeproof.edge.benching.tables import comparison_text, model_text, pick_text
from edgeproof.edge.benching.timing import Cold, Stages
from edgeproof.edge.machine import Machine
from edgeproof.edge.thermal import Thermal

BEFORE = Conditions(0, 4, 1.0, 1.0, 0.5, (600,), (1800,), Thermal({"cpu": 48.25}, {}, {"throttled": True}))
AFTER = replace(BEFORE, megahertz=(1800,), thermal=Thermal({"cpu": 61.0}, {}, {"throttled": True}))
AROUND = Surroundings(Machine("Pi 4", "aarch64", 4), BEFORE, AFTER, 0.034, ())
STAGES = Stages(*(Distribution(120, ms, ms + 1, ms + 2, ms - 0.5, ms + 3) for ms in (1.25, 7.5, 0.5, 9.25)))
OPS = (Op("CONV", "first", Kernel.XNNPACK, 6.0), Op("SOFTMAX", "", Kernel.BUILT_IN, 1.5))


@pytest.fixture
def report() -> ModelReport:
    return ModelReport(
        model="rps.tflite",
        interpreter="litert 2",
        frame=(480, 640, 3),
        cold=Cold(80.04, 12.344),
        memory=Memory(50.0, 92.6),
        rows=(Row(4, STAGES),),
        fastest_threads=4,
        ops=Profile("its profiler", 4, 30, OPS),
        op_types=totals(OPS),
        ops_ms=together(OPS),
        surroundings=AROUND,
    )


def lines(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


def test_model_is_told_by_stage_and_op(report: ModelReport) -> None:
    text = model_text(report)
    assert "litert 2 on Pi 4 (aarch64, 4 processors), frames of 640×480" in text
    assert ["4", "invoke", "7.500", "8.500", "9.500", "7.000", "120"] in lines(text)
    assert "80.0 ms to open" in text
    assert "first answer 12.34 ms" in text
    assert "memory: 93 MB resident, 50 MB before" in text
    assert "ops by its profiler, 4 thread(s), 30 runs: 7.500 ms together" in text
    assert ["CONV", "XNNPACK", "1", "6.000", "80.0%"] in lines(text)
    assert ["1", "SOFTMAX", "built-in", "1.500"] in lines(text)


def test_heat_frequency_and_others_are_told(report: ModelReport) -> None:
    text = model_text(report)
    assert "temperature: cpu 48.2 °C before, 61.0 °C after" in text
    assert "slowed down at some time since boot: throttled" in text
    assert "frequency: 600 MHz before, 1800 MHz after" in text
    assert "other programs: 3% of the processors, load 0.50 before" in text


def test_ops_without_times_say_why(report: ModelReport) -> None:
    ops = (Op("CONV", "", Kernel.XNNPACK, None),)
    without = Profile("it", 4, 0, ops, "it has no profiler")
    text = model_text(replace(report, ops=without, op_types=totals(ops), ops_ms=None))
    assert "no times of ops: it has no profiler" in text
    assert ["CONV", "XNNPACK", "1", "–", "–"] in lines(text)
    assert "longest" not in text
    none = Profile("it", 4, 0, (), "it crashed")
    assert "no times of ops: it crashed" in model_text(replace(report, ops=none, op_types=(), ops_ms=None))


def test_what_the_system_does_not_say_is_left_out(report: ModelReport) -> None:
    silent = replace(BEFORE, megahertz=(), load=None, busy=None, thermal=Thermal({}, {}, {}))
    around = Surroundings(AROUND.machine, silent, silent, None, ())
    text = model_text(replace(report, memory=Memory(None, None), surroundings=around))
    for word in ("memory", "temperature", "frequency", "other programs", "slowed"):
        assert word not in text


@pytest.mark.parametrize(
    ("ratio", "words"),
    [
        (
            Ratio(200, 8, 0.8, 0.75, 0.85),
            "A (95% sure: 0.750 to 0.850, 200 pairs in 8 openings)",
        ),
        (Ratio(200, 8, 1.0, 0.9, 1.1), "0.900 to 1.100, 200 pairs in 8 openings); no difference is shown"),
        (Ratio(9, 8, 2.0, None, None), "B takes 2.000 times as long as A (9 pairs are too few for an interval)"),
    ],
)
def test_ratio_is_worded_with_what_is_known_of_it(ratio: Ratio, words: str) -> None:
    side = Side("a.onnx", "onnxruntime 1", Cold(1, 1), STAGES)
    assert words in comparison_text(Comparison(side, side, ratio, AROUND))


def test_standings_are_one_line_each() -> None:
    rows = (
        Standing("a.tflite", "litert", 2, Distribution.of([1.5, 2.5]), 3, "fastest"),
        Standing("b.onnx", "", None, None, 0, "cannot win: its parity is fail"),
    )
    found = lines(pick_text(PickReport(rows, None, None, 0, AROUND)))
    assert ["a.tflite", "litert", "2", "2.000", "2", "3", "fastest"] in found
    assert ["b.onnx", "–", "–", "–", "–", "0", "cannot", "win:", "its", "parity", "is", "fail"] in found
