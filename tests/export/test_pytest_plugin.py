from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest


@pytest.fixture
def passing(models: Path, hands: Path) -> str:
    """The words of a call that passes."""
    return f"{str(models / 'rps-int8.tflite')!r}, reference={str(models / 'rps-fp32.onnx')!r}, data={str(hands)!r}"


def outcome(pytester: pytest.Pytester, call: str, *options: str) -> pytest.RunResult:
    pytester.makepyfile(f"def test_parity(parity):\n    assert parity({call}).candidates[0].n == 360\n")
    return pytester.runpytest_inprocess("-p", "no:cacheprovider", *options)


def test_a_file_that_keeps_its_accuracy_passes(pytester: pytest.Pytester, passing: str) -> None:
    outcome(pytester, passing + ", margin=3").assert_outcomes(passed=1)


def test_a_file_that_cannot_be_decided_fails_and_says_how_many_images_it_takes(
    pytester: pytest.Pytester, passing: str
) -> None:
    result = outcome(pytester, passing + ", margin=0.1")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*parity: inconclusive*", "*the loss may be up to*on 360 images*would decide*"])


def test_models_made_elsewhere_take_part(
    pytester: pytest.Pytester, run: Path, exported: Path, hands: Path, tmp_path: Path
) -> None:
    shutil.copy(run / "model.keras", tmp_path / "elsewhere.keras")
    call = (
        f"{str(exported / 'rps-fp32.tflite')!r}, reference={str(tmp_path / 'elsewhere.keras')!r}, data={str(hands)!r}, "
        "margin=3, labels=['paper', 'rock', 'scissors'], range=(0, 1)"
    )
    outcome(pytester, f"{call}, resize='stretch'").assert_outcomes(passed=1)
    result = outcome(pytester, f"{call}, resize='squeeze'")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["expected resize= of stretch, center-crop, received 'squeeze'*"])


def test_bad_input_is_one_line(pytester: pytest.Pytester, models: Path) -> None:
    result = outcome(pytester, f"{str(models / 'rps-int8.tflite')!r}")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["expected a run directory or a model, received a folder without run.json*"])
    assert "Traceback" not in result.stdout.str()


def test_reports_are_kept_and_recorded(pytester: pytest.Pytester, passing: str) -> None:
    options = ["--parity-reports", "kept", "--junit-xml", "junit.xml"]
    outcome(pytester, passing + ", margin=3", *options).assert_outcomes(passed=1)
    kept = pytester.path / "kept" / "test_reports_are_kept_and_recorded.py-test_parity"
    report = json.loads(Path(f"{kept}.json").read_text())
    assert report["candidates"][0]["verdict"] == "pass"
    assert "<h1>The file passes</h1>" in Path(f"{kept}.html").read_text("utf-8")
    assert "rps-int8.tflite: accuracy" in (pytester.path / "junit.xml").read_text()
