from __future__ import annotations

from pathlib import Path

import pytest

from edgeproof.edge import thermal
from edgeproof.edge.thermal import REASONS, read_thermal


@pytest.fixture
def sys(tmp_path: Path) -> Path:
    """The part of /sys that a Raspberry Pi has."""
    for index, (name, temperature) in enumerate([("cpu-thermal", "48312"), ("gpu-thermal", "50000")]):
        folder = tmp_path / f"class/thermal/thermal_zone{index}"
        folder.mkdir(parents=True)
        (folder / "type").write_text(f"{name}\n")
        (folder / "temp").write_text(f"{temperature}\n")
    return tmp_path


def firmware(sys: Path, text: str) -> None:
    folder = sys / "devices/platform/soc/soc:firmware"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "get_throttled").write_text(text)


def tool(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a vcgencmd of our own on the path."""
    path = folder / "vcgencmd"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    monkeypatch.setattr(thermal.shutil, "which", lambda _: str(path))
    monkeypatch.setattr(thermal, "_PATIENCE", 60.0)


def test_temperatures_are_in_degrees_by_zone(sys: Path) -> None:
    assert read_thermal(sys).celsius == {"cpu-thermal": 48.312, "gpu-thermal": 50.0}


def test_sensor_that_sleeps_is_left_out_and_two_of_one_name_are_told_apart(sys: Path) -> None:
    zones = sys / "class/thermal"
    (zones / "thermal_zone0/temp").write_text("")
    (zones / "thermal_zone2").mkdir()
    (zones / "thermal_zone2/type").write_text("gpu-thermal")
    (zones / "thermal_zone2/temp").write_text("-1500")
    assert read_thermal(sys).celsius == {"gpu-thermal": 50.0, "gpu-thermal-2": -1.5}


@pytest.mark.parametrize(
    ("text", "now", "since_boot"),
    [
        ("0", set(), set()),
        ("50005\n", {"under_voltage", "throttled"}, {"under_voltage", "throttled"}),
        ("0x80002", {"frequency_capped"}, {"soft_temperature_limit"}),
    ],
)
def test_bits_of_the_firmware_have_names(sys: Path, text: str, now: set[str], since_boot: set[str]) -> None:
    firmware(sys, text)
    reading = read_thermal(sys)
    assert set(reading.now) == set(reading.since_boot) == set(REASONS)
    assert {reason for reason, holds in reading.now.items() if holds} == now
    assert {reason for reason, holds in reading.since_boot.items() if holds} == since_boot


def test_firmware_is_asked_by_its_tool_where_there_is_no_file(
    sys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool(tmp_path, 'echo "$1" | sed s/get_throttled/throttled=0x50000/', monkeypatch)
    assert read_thermal(sys).since_boot["throttled"]
    assert not read_thermal(sys).now["throttled"]


@pytest.mark.parametrize("script", ["exit 1", "echo nonsense", "exec /no/such/program"])
def test_tool_that_fails_says_nothing(sys: Path, tmp_path: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tool(tmp_path, script, monkeypatch)
    assert read_thermal(sys).now == {}


def test_machine_without_sensors_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thermal.shutil, "which", lambda _: None)
    reading = read_thermal(tmp_path)
    assert (reading.celsius, reading.now, reading.since_boot) == ({}, {}, {})
