from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from command import Command
from edgeproof.edge import modelfile
from edgeproof.edge.benching import pick as of_pick
from edgeproof.edge.benching import report as of_report
from edgeproof.edge.benching.halving import halve
from edgeproof.edge.contract import Verdict
from edgeproof.edge.interpreters import processors
from golden import RPS, foreign

pytest.importorskip("ai_edge_litert")
QUICK = ("--seconds", "60", "--frames", "120")  # frames, which are as many on a busy machine


@pytest.fixture(autouse=True)
def two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same threads wherever the tests run."""
    monkeypatch.setattr(processors, "usable", lambda: 2)


@pytest.fixture(autouse=True)
def short_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ops are measured for a moment, however long frames may be."""
    monkeypatch.setattr(of_report, "_PROFILE_SECONDS", 0.1)


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """All candidates are tried within the time for them, which is that of the measurements alone."""
    now = [0.0]

    def halved(ways: Any, measure: Any, seconds: float, _: object) -> Any:
        def measured(way: Any, given: float, hopeless_above: float | None) -> Any:
            now[0] += given
            return measure(way, min(given, 0.1), hopeless_above)

        return halve(ways, measured, seconds, lambda: now[0])

    monkeypatch.setattr(of_pick, "halve", halved)


@pytest.fixture
def folder(models: Path, tmp_path: Path) -> Path:
    """A folder with all files of a network."""
    pytest.importorskip("onnxruntime")
    for name in RPS:
        shutil.copy(models / name, tmp_path / name)
    return tmp_path


def with_verdict(path: Path, verdict: Verdict) -> None:
    file = modelfile.read(path)
    assert file.contract is not None
    assert file.contract.proof is not None
    contract = replace(file.contract, proof=replace(file.contract.proof, verdict=verdict))
    members = {name: content for name, content in file.members.items() if name != modelfile.CONTRACT}
    path.write_bytes(modelfile.assemble(file.format, file.model, contract, members))


def numbers(plain: Any) -> Iterator[float]:
    """List every number in a JSON value."""
    if isinstance(plain, (dict, list)):
        for value in plain.values() if isinstance(plain, dict) else plain:
            yield from numbers(value)
    elif isinstance(plain, (int, float)) and not isinstance(plain, bool):
        yield plain


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "expected a model, --compare or --pick, received none"),
        (["a.tflite", "--pick", "b.tflite"], "received model and pick"),
        (["none.tflite"], "expected a model file, received No such file or directory: none.tflite"),
        (["rps-int8.tflite", "--threads", "some"], "expected a whole number from 1 to 256, received some"),
        (["rps-int8.tflite", "--seconds", "0"], "expected seconds from 0.1 to 3600, received 0"),
        (["--compare", "a", "b", "--threads", "sweep"], "expected --threads sweep with one model, received --compare"),
        (["--compare", "none.tflite", "rps-int8.tflite"], "received No such file or directory: none.tflite"),
        (["--compare", "a"], "argument --compare: expected 2 arguments"),
        (["--pick", "a", "--threads", "2"], "expected --pick without --threads, --interpreter and --frames"),
        (["--pick", "none.json"], "expected .tflite or .onnx files, received none.json"),
    ],
)
def test_bad_input_of_bench_is_one_line(
    edgeproof: Command, words: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert message in edgeproof.error("bench", *words)
    assert list(tmp_path.iterdir()) == []


def test_json_has_stages_ops_memory_and_surroundings(edgeproof: Command) -> None:
    (report,) = edgeproof.objects("bench", "rps-int8.tflite", "--threads", "sweep", *QUICK, "--json")
    assert [row["threads"] for row in report["rows"]] == [1, 2]
    for row in report["rows"]:
        assert set(row["stages"]) == {"preprocess_ms", "invoke_ms", "read_ms", "total_ms"}
        total = row["stages"]["total_ms"]
        assert 0 < total["least"] <= total["median"] <= total["most"]
        assert total["n"] <= 120
    assert report["frame"] == [480, 640, 3]
    assert report["fastest_threads"] == report["ops"]["threads"]
    assert {op["kernel"] for op in report["ops"]["ops"]} <= {"XNNPACK", "built-in"}
    assert report["ops_ms"] == pytest.approx(sum(op["ms"] for op in report["ops"]["ops"]))
    assert report["cold"]["open_ms"] > 0
    assert report["memory"]["after_mb"] > 10
    assert set(report["surroundings"]["before"]) >= {"load", "megahertz", "thermal"}


@pytest.mark.parametrize("name", ["hello-int8.tflite", "hello-fp32.onnx"])
def test_model_of_numbers_is_measured(edgeproof: Command, name: str) -> None:
    pytest.importorskip("onnxruntime")
    (report,) = edgeproof.objects("bench", name, *QUICK, "--json")
    assert report["frame"] == [1]
    assert report["ops"]["ops"]


def test_every_number_of_the_table_is_in_the_json(
    edgeproof: Command, monkeypatch: pytest.MonkeyPatch, models: Path
) -> None:
    # One report, shown both ways: two runs would not give the same numbers.
    found = []
    original = of_report.report_model
    monkeypatch.setattr(of_report, "report_model", lambda *words: found.append(original(*words)) or found[0])
    assert edgeproof("bench", "rps-int8.tflite", *QUICK) == 0
    table = edgeproof.out
    monkeypatch.setattr(of_report, "report_model", lambda *_: found[0])
    (plain,) = edgeproof.objects("bench", "rps-int8.tflite", *QUICK, "--json")
    table = table.replace(str(models), "").replace(plain["interpreter"], "")
    shown = re.findall(r"(?<![\w.-])(\d+\.\d+)(?![\w.])", table)
    assert len(shown) > 20
    known = list(numbers(plain))
    for text in shown:
        slack = 0.5001 * 10.0 ** -len(text.partition(".")[2])
        assert any(abs(value * scale - float(text)) <= slack for value in known for scale in (1, 100)), text


def test_few_frames_say_what_they_cannot(edgeproof: Command) -> None:
    assert edgeproof("bench", "rps-int8.tflite", "--seconds", "60", "--frames", "30") == 0
    assert "the 99th percentile needs 100 frames, received 30" in edgeproof.out
    assert "the 95th percentile" not in edgeproof.out


def test_model_made_elsewhere_is_measured_with_labels(edgeproof: Command, models: Path, tmp_path: Path) -> None:
    (tmp_path / "a.tflite").write_bytes(foreign(models / "rps-int8.tflite"))
    words = ("bench", tmp_path / "a.tflite", "--labels", "paper,rock,scissors", "--threads", "sweep", *QUICK, "--json")
    (report,) = edgeproof.objects(*words)
    assert len(report["rows"]) == 2
    # It is opened twice and talked of once.
    assert edgeproof.err.count("this model carries no parity proof") == 1


def test_comparison_is_of_pairs(edgeproof: Command) -> None:
    words = ("bench", "--compare", "rps-int8.tflite", "rps-fp32.tflite", "--seconds", "60", "--frames", "40", "--json")
    (report,) = edgeproof.objects(*words)
    sides = report["first"], report["second"]
    assert [Path(side["model"]).name for side in sides] == ["rps-int8.tflite", "rps-fp32.tflite"]
    assert len({side["stages"]["total_ms"]["n"] for side in sides}) == 1
    assert report["ratio"]["openings"] == 8
    assert report["ratio"]["n"] == sides[0]["stages"]["total_ms"]["n"]
    assert report["ratio"]["ratio"] > 0


def test_comparison_is_worded(edgeproof: Command) -> None:
    assert edgeproof("bench", "--compare", "rps-int8.tflite", "rps-int8.tflite", *QUICK) == 0
    interval = r"\(95% sure: \d+\.\d+ to \d+\.\d+, \d+ pairs in 8 openings\)"
    assert re.search(rf"B takes \d+\.\d+ times as long as A {interval}", edgeproof.out)


@pytest.mark.usefixtures("unhurried")
def test_pick_writes_a_setting_that_run_obeys(edgeproof: Command, folder: Path) -> None:
    with_verdict(folder / "rps-fp32.onnx", Verdict.FAIL)
    assert edgeproof("bench", "--pick", folder, "--seconds", "3", "--json") == 0
    report = json.loads(edgeproof.out)
    setting = json.loads((folder / "rps.edgeproof.json").read_text())
    assert report["setting"] == setting
    notes = {(row["file"], row["note"]) for row in report["candidates"]}
    assert ("rps-fp32.onnx", "cannot win: its parity is fail") in notes
    assert (setting["file"], "fastest") in notes
    assert setting["file"] != "rps-fp32.onnx"
    assert len(report["candidates"]) == 3 * 2 + 1
    edgeproof.objects("run", folder, "hands:1", "--headless", "--json")
    assert f"{setting['file']} with {setting['interpreter']}, {setting['threads']} thread(s)" in edgeproof.err


@pytest.mark.usefixtures("unhurried")
def test_bench_measures_what_run_would_do(edgeproof: Command, folder: Path) -> None:
    assert edgeproof("bench", "--pick", folder / "rps-int8.tflite", "--seconds", "1") == 0
    path = folder / "rps.edgeproof.json"
    path.write_text(re.sub(r'"threads": \d', '"threads": 7', path.read_text()))
    for model in (folder, folder / "rps-int8.tflite"):
        (report,) = edgeproof.objects("bench", model, *QUICK, "--json")
        assert (Path(report["model"]).name, report["rows"][0]["threads"]) == ("rps-int8.tflite", 7)
    (report,) = edgeproof.objects("bench", folder, *QUICK, "--threads", "1", "--json")
    assert report["rows"][0]["threads"] == 1


def test_pick_among_files_that_have_not_passed_fails(edgeproof: Command, folder: Path) -> None:
    for name in RPS:
        with_verdict(folder / name, Verdict.INCONCLUSIVE)
    assert edgeproof("bench", "--pick", folder, "--seconds", "1") == 1
    assert edgeproof.out.count("cannot win: its parity is inconclusive") == 4
    assert list(folder.glob("*.edgeproof.json")) == []


def test_pick_without_time_for_all_is_inconclusive(
    edgeproof: Command, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quarters = iter(range(0, 1_000_000, 900))
    monkeypatch.setattr(of_pick, "halve", lambda ways, measure, seconds, _: _halve(ways, measure, seconds, quarters))
    assert edgeproof("bench", "--pick", folder, "--seconds", "3600") == 3
    assert "not tried: no time was left" in edgeproof.out
    assert list(folder.glob("*.edgeproof.json")) == []


def _halve(ways: Any, measure: Any, seconds: float, quarters: Iterator[int]) -> Any:
    return halve(ways, lambda *words: measure(words[0], 0.05, None), seconds, lambda: float(next(quarters)))
