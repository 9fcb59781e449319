"""Heat, memory, disk, clock and governor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from edgeproof.edge.doctor import clock, disk, governor, heat, memory
from edgeproof.edge.doctor.clock import ClockFacts
from edgeproof.edge.doctor.disk import DiskFacts
from edgeproof.edge.doctor.finding import Finding, Level
from edgeproof.edge.doctor.governor import GovernorFacts
from edgeproof.edge.doctor.memory import MemoryFacts
from edgeproof.edge.thermal import REASONS

GB = 10**9
MEMORY = MemoryFacts(total=4 * GB, available=3 * GB, swap_total=0, swap_free=0)


def levels(findings: Iterable[Finding]) -> list[Level]:
    return [finding.level for finding in findings]


def heated(pi: Path, millicelsius: int = 48_312, throttled: str = "0") -> list[Finding]:
    (pi / "sys/class/thermal/thermal_zone0/temp").write_text(f"{millicelsius}\n")
    (pi / "sys/devices/platform/soc/soc:firmware/get_throttled").write_text(f"{throttled}\n")
    return list(heat.judge(heat.look(pi)))


@pytest.mark.parametrize(
    ("millicelsius", "level"),
    [(48_312, Level.GOOD), (70_000, Level.ADVICE), (79_900, Level.ADVICE), (80_000, Level.PROBLEM)],
)
def test_heat_is_judged(pi: Path, millicelsius: int, level: Level) -> None:
    first, second = heated(pi, millicelsius)
    assert first.level is level
    assert first.found == f"{millicelsius / 1000:.0f} °C (cpu-thermal)"
    assert second.found == "no throttling or under-voltage since it was started"


@pytest.mark.parametrize(
    ("throttled", "expected"),
    [
        ("50005", [(Level.PROBLEM, "under-voltage now"), (Level.PROBLEM, "throttling now")]),
        (
            "50000",
            [(Level.ADVICE, "under-voltage since it was started"), (Level.ADVICE, "throttling since it was started")],
        ),
        ("80008", [(Level.PROBLEM, "the soft temperature limit now")]),
        ("2", [(Level.PROBLEM, "a capped frequency now")]),
    ],
)
def test_what_slows_a_pi_down_is_named(pi: Path, throttled: str, expected: list[tuple[Level, str]]) -> None:
    _, *findings = heated(pi, throttled=throttled)
    assert [(finding.level, finding.found) for finding in findings] == expected
    assert all(finding.todo for finding in findings)


def test_every_reason_has_words() -> None:
    assert set(heat._WORDS) == set(REASONS)


def test_a_machine_without_sensors_has_nothing_to_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert list(heat.judge(heat.look(tmp_path))) == []


def test_memory_is_read(pi: Path) -> None:
    facts = memory.look(pi)
    assert facts == MemoryFacts(3884348 * 1024, 3276800 * 1024, 102396 * 1024, 102396 * 1024)
    assert [str(finding) for finding in memory.judge(facts)] == [
        "good    · 3.4 GB of 4.0 GB memory available",
        "good    · 105 MB swap",
    ]


@pytest.mark.parametrize("text", ["", "nonsense", "MemTotal: many kB"])
def test_memory_that_cannot_be_read_is_left_out(tmp_path: Path, text: str) -> None:
    assert list(memory.judge(memory.look(tmp_path))) == []
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/meminfo").write_text(text)
    assert memory.look(tmp_path) is None


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (MEMORY, [Level.GOOD, Level.GOOD]),
        (replace(MEMORY, available=200_000_000), [Level.ADVICE, Level.GOOD]),
        (replace(MEMORY, available=90_000_000), [Level.PROBLEM, Level.GOOD]),
        (replace(MEMORY, total=GB, available=GB // 2), [Level.GOOD, Level.ADVICE]),
        (replace(MEMORY, swap_total=100, swap_free=49), [Level.GOOD, Level.ADVICE]),
    ],
)
def test_memory_and_swap_are_judged(facts: MemoryFacts, expected: list[Level]) -> None:
    assert levels(memory.judge(facts)) == expected


@pytest.mark.parametrize(
    ("free", "level"), [(5 * GB, Level.GOOD), (900_000_000, Level.ADVICE), (40_000_000, Level.PROBLEM)]
)
def test_free_space_is_judged(free: int, level: Level) -> None:
    (finding,) = disk.judge(DiskFacts("/home/pi", 30 * GB, free))
    assert finding.level is level
    assert finding.found.endswith("of 30.0 GB free at /home/pi")


def test_the_disk_is_that_of_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    facts = disk.look(Path("/nowhere"))
    assert facts.folder == str(tmp_path)
    assert 0 < facts.free <= facts.total


@pytest.mark.parametrize(
    ("facts", "level", "words"),
    [
        (ClockFacts(1.8e9, 1.7e9, True), Level.GOOD, "clock 2027-01-15 08:00:00 UTC, synchronized"),
        (ClockFacts(1.8e9, 1.7e9, None), Level.GOOD, "nothing here tells whether it is synchronized"),
        (ClockFacts(1.8e9, 1.7e9, False), Level.ADVICE, "not synchronized: times in logs may be wrong"),
        (
            ClockFacts(3600.0, 1.7e9, False),
            Level.PROBLEM,
            "clock 1970-01-01 01:00:00 UTC, before edgeproof was installed",
        ),
    ],
)
def test_the_clock_is_judged(facts: ClockFacts, level: Level, words: str) -> None:
    (finding,) = clock.judge(facts)
    assert finding.level is level
    assert words in finding.found


def test_systemds_stamp_tells_that_the_clock_is_synchronized(pi: Path) -> None:
    facts = clock.look(pi)
    assert facts.synchronized is True
    assert facts.installed <= facts.now


@pytest.mark.parametrize(
    ("script", "synchronized"), [("echo yes", True), ("echo no", False), ("exit 1", None), ("exec /no/such", None)]
)
def test_timedatectl_is_asked_where_there_is_no_stamp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, synchronized: bool | None
) -> None:
    tool = tmp_path / "timedatectl"
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(0o755)
    monkeypatch.setattr(clock.shutil, "which", lambda _: str(tool))
    monkeypatch.setattr(clock, "_PATIENCE", 60.0)
    assert clock.look(tmp_path).synchronized is synchronized
    monkeypatch.setattr(clock.shutil, "which", lambda _: None)
    assert clock.look(tmp_path).synchronized is None


def test_governors_are_read(pi: Path) -> None:
    assert governor.look(pi) == GovernorFacts(("ondemand",), ("cpufreq-dt",))
    assert governor.look(pi / "nowhere") == GovernorFacts((), ())


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (GovernorFacts(("ondemand",), ("cpufreq-dt",)), [Level.GOOD]),
        (GovernorFacts(("performance",), ("cpufreq-dt",)), [Level.GOOD]),
        (GovernorFacts(("powersave",), ("cpufreq-dt",)), [Level.ADVICE]),
        (GovernorFacts(("powersave",), ("intel_pstate",)), [Level.GOOD]),
        (GovernorFacts((), ()), []),
    ],
)
def test_a_governor_that_holds_the_processor_back_is_advised_against(
    facts: GovernorFacts, expected: list[Level]
) -> None:
    assert levels(governor.judge(facts)) == expected
