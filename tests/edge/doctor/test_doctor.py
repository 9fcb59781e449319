"""`edgeproof doctor` as a whole."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from command import Command
from edgeproof.edge.doctor.examination import PARTS, Part, examine
from edgeproof.edge.doctor.finding import Finding, Level, advice, good, problem
from edgeproof.edge.errors import ExitCode

MODELS = {"ai_edge_litert": "rps-int8.tflite", "tflite_runtime": "rps-int8.tflite", "onnxruntime": "rps-int8.onnx"}
MODEL = next(name for package, name in MODELS.items() if importlib.util.find_spec(package))


def said(*findings: Finding) -> Part:
    return Part("made up", lambda root: root, lambda _: findings)


@pytest.mark.parametrize(
    ("findings", "code"),
    [
        ([good("a")], ExitCode.GOOD),
        ([good("a"), advice("b", "c")], ExitCode.GOOD),
        ([problem("b", "c"), good("a")], ExitCode.FAILED),
    ],
)
def test_only_a_problem_is_a_failure(findings: list[Finding], code: ExitCode) -> None:
    assert examine(Path("/"), None, [said(*findings)]).code == code


def test_a_finding_is_one_line() -> None:
    assert str(good("a")) == "good    · a"
    assert str(advice("a", "b")) == "advice  · a · b"
    assert str(problem("a", "b")) == "problem · a · b"


def test_a_made_up_pi_is_examined_part_by_part(pi: Path) -> None:
    parts = [part for part in PARTS if part.name not in ("interpreters", "opencv")]
    found = examine(pi, None, parts)
    lines = [str(finding) for finding in found.findings]
    assert any("Raspberry Pi 4 Model B Rev 1.4" in line for line in lines)
    assert "good    · camera /dev/video0: HD Webcam: HD Webcam" in lines
    assert "good    · 48 °C (cpu-thermal)" in lines
    assert "good    · CPU governor ondemand" in lines
    assert list(found.facts) == [part.name for part in parts]


def test_doctor_prints_a_line_for_each_finding(edgeproof: Command) -> None:
    code = edgeproof("doctor", MODEL)
    lines = edgeproof.out.splitlines()
    assert all(line.split(" · ")[0].strip() in set(Level) for line in lines)
    assert code == (1 if any(line.startswith("problem") for line in lines) else 0)
    assert lines[-1].startswith(f"good    · {MODEL} answers here as on the workstation (")
    assert edgeproof.err == ""


def test_json_has_findings_and_facts(edgeproof: Command) -> None:
    edgeproof("doctor", "--json")
    report = json.loads(edgeproof.out)
    assert {finding["level"] for finding in report["findings"]} <= {"good", "advice", "problem"}
    assert list(report["facts"]) == [part.name for part in PARTS]
    assert report["facts"]["machine"]["bits"] in (32, 64)
    assert report["facts"]["disk"]["free"] > 0


def test_a_damaged_model_is_a_problem(edgeproof: Command, models: Path, tmp_path: Path) -> None:
    data = bytearray((models / MODEL).read_bytes())
    data[1000] ^= 1
    (tmp_path / MODEL).write_bytes(data)
    assert edgeproof("doctor", tmp_path / MODEL) == 1
    line = edgeproof.out.splitlines()[-1]
    assert line.startswith(f"problem · {MODEL}: expected the sealed SHA-256, received other bytes")


def test_a_missing_model_is_bad_input(edgeproof: Command) -> None:
    assert "expected a model file, received none: none.tflite" in edgeproof.error("doctor", "none.tflite")


def test_the_doctor_comes_where_numpy_does_not_load() -> None:
    """Every module that a doctor is made of, in a process that has neither numpy nor OpenCV."""
    code = """
import sys
sys.modules["numpy"] = sys.modules["cv2"] = None
import edgeproof.edge.commands.doctor, edgeproof.edge.doctor.examination, edgeproof.edge.typed_json
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)  # noqa: S603 - ourselves
    assert (done.returncode, done.stderr) == (0, "")
