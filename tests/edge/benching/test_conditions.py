from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from edgeproof.edge import machine
from edgeproof.edge.benching.conditions import Conditions, busy_share, read_conditions, warnings
from edgeproof.edge.benching.memory import resident_mb
from edgeproof.edge.machine import Machine, this_machine
from edgeproof.edge.thermal import Thermal

CALM = Conditions(100.0, 4, 1000.0, 50.0, 0.1, (), (), Thermal({}, {}, {}))
STAT = "cpu  1000 10 490 90000 700 0 300 200 50 0\ncpu0 1 2 3 4\nintr 5\n"


@pytest.fixture
def system(tmp_path: Path) -> Path:
    """What a Raspberry Pi shows in /proc and /sys."""
    (tmp_path / "stat").write_text(STAT)
    (tmp_path / "loadavg").write_text("1.25 0.90 0.50 2/300 4321\n")
    for index, kilohertz in enumerate((600000, 1800000)):
        folder = tmp_path / f"devices/system/cpu/cpu{index}/cpufreq"
        folder.mkdir(parents=True)
        (folder / "scaling_cur_freq").write_text(f"{kilohertz}\n")
        (folder / "cpuinfo_max_freq").write_text("1800000\n")
    return tmp_path


def test_machine_says_how_busy_and_how_fast_it_is(system: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sysconf", lambda _: 100)
    found = read_conditions(system, system)
    assert found.busy == 20.0  # 1000 + 10 + 490 + 300 + 200 ticks of a hundredth of a second; idle time is none
    assert found.load == 1.25
    assert (found.megahertz, found.highest_megahertz) == ((600, 1800), (1800, 1800))


def test_machine_that_says_nothing_gives_no_warning(tmp_path: Path) -> None:
    (tmp_path / "stat").write_text("nonsense")
    before, after = read_conditions(tmp_path, tmp_path), read_conditions(tmp_path, tmp_path)
    assert before.load is None
    assert busy_share(replace(before, busy=None), after) is None
    assert warnings(replace(before, busy=None), after) == ()


def test_own_work_does_not_count_as_others() -> None:
    # 10 seconds of 4 processors: 40 in all; 24 were busy, 20 of them with us.
    after = replace(CALM, at=110.0, busy=1024.0, own=70.0)
    assert busy_share(CALM, after) == pytest.approx(0.1)
    assert busy_share(CALM, replace(after, own=80.0)) == 0
    assert busy_share(CALM, CALM) is None


def test_busy_machine_is_warned_of() -> None:
    busy = replace(CALM, at=110.0, busy=1032.0, own=70.0)
    (line,) = warnings(CALM, busy)
    assert line.startswith("other programs took 30% of the processors meanwhile; these figures mean little")
    assert warnings(CALM, replace(busy, own=79.0)) == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Thermal({}, {"throttled": True}, {}), Thermal({}, {}, {})),
        (Thermal({}, {}, {}), Thermal({}, {"throttled": True}, {})),
        (Thermal({}, {}, {"throttled": False}), Thermal({}, {}, {"throttled": True})),
    ],
)
def test_throttling_before_after_or_between_is_warned_of(before: Thermal, after: Thermal) -> None:
    (line,) = warnings(replace(CALM, thermal=before), replace(CALM, thermal=after))
    assert line.startswith("this machine slowed itself down (throttled)")


def test_throttling_long_ago_is_not_warned_of() -> None:
    long_ago = replace(CALM, thermal=Thermal({}, {"throttled": False}, {"throttled": True}))
    assert warnings(long_ago, long_ago) == ()


def test_low_frequency_at_the_end_is_warned_of() -> None:
    fast = replace(CALM, megahertz=(1800, 1790), highest_megahertz=(1800, 1800))
    (line,) = warnings(fast, replace(fast, megahertz=(1800, 1000)))
    assert line.startswith("a processor ran at 1000 of 1800 MHz at the end")
    assert warnings(replace(fast, megahertz=(600, 600)), fast) == ()


@pytest.mark.parametrize(
    ("tree", "cpuinfo", "model"),
    [
        (b"Raspberry Pi 4 Model B Rev 1.5\0", "model name\t: ARMv7", "Raspberry Pi 4 Model B Rev 1.5"),
        (None, "processor\t: 0\nmodel name\t: AMD EPYC\nmodel name\t: AMD EPYC\n", "AMD EPYC"),
        (b"\0", "processor\t: 0\nHardware\t: BCM2835\n", "BCM2835"),
        (None, "processor\t: 0\n", "of the platform"),
    ],
)
def test_machine_has_a_name(
    tree: bytes | None, cpuinfo: str, model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine.platform, "processor", lambda: "of the platform")
    (tmp_path / "cpuinfo").write_text(cpuinfo)
    if tree is not None:
        (tmp_path / "device-tree").mkdir()
        (tmp_path / "device-tree/model").write_bytes(tree)
    assert this_machine(tmp_path).model == model


def test_machine_is_worded() -> None:
    assert str(Machine("Pi", "aarch64", 4)) == "Pi (aarch64, 4 processors)"
    assert str(Machine("Pi", "armv6l", 1)) == "Pi (armv6l, 1 processor)"


def test_resident_memory_is_in_millions_of_bytes(tmp_path: Path) -> None:
    (tmp_path / "status").write_text("VmHWM:\t  99000 kB\nVmRSS:\t  50000 kB\n")
    assert resident_mb(tmp_path / "status") == 51.2
    assert resident_mb(tmp_path / "none") is None
