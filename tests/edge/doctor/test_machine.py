from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from edgeproof.edge.doctor import machine, python
from edgeproof.edge.doctor.finding import Finding, Level
from edgeproof.edge.doctor.machine import MachineFacts
from edgeproof.edge.doctor.python import PythonFacts

PI_4 = MachineFacts("Raspberry Pi 4 Model B Rev 1.4", "Cortex-A72", "aarch64", 64, 4)


def only(facts: MachineFacts | PythonFacts) -> Finding:
    part = machine.judge(facts) if isinstance(facts, MachineFacts) else python.judge(facts)
    (finding,) = part
    return finding


def test_board_and_processor_are_read_from_the_device(pi: Path) -> None:
    facts = machine.look(pi)
    assert (facts.board, facts.processor) == ("Raspberry Pi 4 Model B Rev 1.4", "Cortex-A72")
    assert facts.bits in (32, 64)


def test_a_pc_has_no_board(tmp_path: Path) -> None:
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/cpuinfo").write_text("processor\t: 0\nmodel name\t: AMD EPYC 9004\n")
    facts = machine.look(tmp_path)
    assert (facts.board, facts.processor) == (None, "AMD EPYC 9004")


def test_nothing_to_read_is_no_error(tmp_path: Path) -> None:
    facts = replace(machine.look(tmp_path), kernel="x86_64", bits=64, processors=2)
    assert str(only(facts)) == "good    · 2 × unnamed, x86_64, 64 bits"


@pytest.mark.parametrize(
    ("kernel", "bits", "level", "words"),
    [
        ("aarch64", 64, Level.GOOD, ""),
        ("aarch64", 32, Level.ADVICE, "install the 64-bit system, or edgeproof[tflite-runtime]"),
        ("armv7l", 32, Level.ADVICE, "install edgeproof[tflite-runtime] (Python up to 3.11)"),
        ("armv6l", 32, Level.PROBLEM, "no interpreter is built for ARMv6"),
    ],
)
def test_bits_of_the_system_decide_what_can_be_installed(kernel: str, bits: int, level: Level, words: str) -> None:
    finding = only(replace(PI_4, kernel=kernel, bits=bits))
    assert finding.level is level
    assert finding.todo.startswith(words)
    assert finding.found.startswith(f"Raspberry Pi 4 Model B Rev 1.4, 4 × Cortex-A72, {kernel}, {bits} bits")


@pytest.mark.parametrize(
    ("facts", "level"),
    [
        (PythonFacts((3, 11, 2), "CPython", True, ""), Level.GOOD),
        (PythonFacts((3, 11, 2), "CPython", False, ""), Level.ADVICE),
        (PythonFacts((3, 9, 2), "CPython", True, ""), Level.PROBLEM),
        (PythonFacts((3, 11, 2), "PyPy", True, ""), Level.PROBLEM),
    ],
)
def test_python_is_judged(facts: PythonFacts, level: Level) -> None:
    finding = only(facts)
    assert finding.level is level
    assert bool(finding.todo) == (level is not Level.GOOD)


def test_this_python_is_looked_at(tmp_path: Path) -> None:
    facts = python.look(tmp_path)
    assert facts.version >= (3, 10, 0)
    assert Path(facts.path).exists()
