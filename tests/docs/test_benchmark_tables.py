"""The pages' tables of figures, made from what a benchmark wrote."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import harness
import pytest

pytest.importorskip("sphinx", reason="sphinx is not installed")

from benchmark_tables import Measured, table, words
from pages import DOCS


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """What a benchmark of three rows writes."""
    rows = [
        harness.cost("half the time", [1.0], [2.0], "s", 1.5),
        harness.cost("a third longer", [4.0], [3.0], "s", 1.0),
        harness.rate("alike", [1000.0], [1001.0], "1/s", 1.0),
    ]
    file = tmp_path / "some.json"
    harness.report(rows, file, {"mediapipe": "1.2"})
    return file


def test_a_table_says_who_is_better_and_which_goals_were_missed(written: Path) -> None:
    _, _, *rows = table(Measured.read(written).rows)
    assert rows == [
        "| half the time | 1 s | 2 s | 2 × better | 1.5 × |",
        "| a third longer | 4 s | 3 s | **1.33 × worse** | no worse, **not reached** |",
        "| alike | 1,000 1/s | 1,001 1/s | equal | no worse, **not reached** |",
    ]


@pytest.mark.parametrize(
    ("ratio", "said"), [(1.0, "equal"), (1.004, "equal"), (0.5, "**2.00 × worse**"), (144.2, "144 × better")]
)
def test_ratios_in_words(ratio: float, said: str) -> None:
    assert words(ratio) == said


def test_the_circumstances_name_command_date_machine_and_versions(written: Path) -> None:
    measured = Measured.read(written)
    _, command, date, machine, versions, _ = (cell.strip() for cell in measured.circumstances().split("|"))
    assert command == f"`{measured.command}`"
    assert len(date.split("-")) == 3
    assert "cores of an" in machine
    assert {"python", "mediapipe 1.2"} <= {*versions.split(", "), versions.split(" ")[0]}


def test_the_circumstances_name_the_graphics_card(tmp_path: Path) -> None:
    file = tmp_path / "some.json"
    harness.report([], file, accelerator="NVIDIA H200")
    assert f"| NVIDIA H200, {os.cpu_count()} cores of an " in Measured.read(file).circumstances()


def test_paths_and_the_json_file_are_not_in_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    line = harness.command("edge", ["--json", "figures/edge.json", "--rounds", "3", "--data", "/home/me/photos"])
    assert line == "./tools/bench edge --rounds 3 --data photos"
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    assert harness.command("train", []) == "KERAS_BACKEND=jax ./tools/bench train"


def test_committed_figures_are_what_a_benchmark_writes(written: Path) -> None:
    shape = set(json.loads(written.read_text(encoding="utf-8")))
    files = sorted((DOCS / "figures").glob("*.json"))
    assert files
    for file in files:
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        assert set(found) == shape
        assert f"./tools/bench {file.stem.split('-')[0]}" in found["command"]
