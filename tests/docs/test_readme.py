"""What the README shows is what happens: its commands are run in their order, as a newcomer would run them."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from importlib.metadata import metadata
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from pages import DOCS, ROOT, Page, commands

README = Page.read("README.md")
LINES = [line for block in README.blocks("sh") for line in commands(block)]
FRAMES = "hands:3"  # in the place of a camera
# The whole demonstration takes minutes; how good so short a training is, is not the matter here.
SHORT = ["--pictures", "90", "--epochs", "1", "--quiet"]
FIGURES = DOCS / "figures"


@pytest.fixture(scope="module")
def newcomer(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which every line of the README was run, in order; what each printed is in NUMBER.txt."""
    home = tmp_path_factory.mktemp("newcomer")
    shutil.copytree(photos, home / "photos")
    for number, line in enumerate(LINES):
        command = _adapted(line)
        if not command:
            continue
        if "rps-int8.tflite" in command:  # "copy one file"
            shutil.copy(home / "runs/rps/rps-int8.tflite", home)
        done = _run(command, home)
        # So few pictures prove nothing, and the gate says so.
        assert done.returncode == (3 if command[1] in ("demo", "export") else 0), f"{line}: {done.stderr}"
        (home / f"{number}.txt").write_text(done.stdout)
    return home


def _adapted(line: str) -> list[str]:
    """Give what is run for a line; nothing for those that other tests here are about."""
    words = shlex.split(line)
    if words == ["./tools/demo"]:  # without making the environment that this test is in
        (started,) = re.findall(r'^exec "\$root/.venv/bin/(edgeproof)" (demo) "\$@"', _tool("demo"), re.MULTILINE)
        return [*started, *SHORT]
    if words[0] != "edgeproof":
        return []
    if words[1] == "run":
        words = [FRAMES if word == "0" else word for word in words]
        words += ["127.0.0.1:0"] if words[-1] == "--web" else []  # port 8080 may be somebody's
    return words


def _run(words: list[str], home: Path) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    program = shutil.which(words[0], path=path)
    assert program, f"expected {words[0]} in {path}"
    environment = {**os.environ, "PATH": path}
    return subprocess.run(  # noqa: S603 - ourselves
        [program, *words[1:]], cwd=home, env=environment, capture_output=True, text=True, timeout=1200, check=False
    )


def _tool(name: str) -> str:
    return (ROOT / "tools" / name).read_text(encoding="utf-8")


def test_the_readme_has_the_commands_that_it_counts() -> None:
    two, four, device = map(commands, README.blocks("sh"))
    assert two == ["./tools/demo", "./tools/test"]
    assert [line.split()[1] for line in four if line.startswith("edgeproof")] == ["train", "export", "info", "run"]
    assert [line.split()[1] for line in device if line.startswith("edgeproof")] == ["check", "run"]


def test_the_commands_leave_what_is_said(newcomer: Path) -> None:
    names = {"model.keras", "report.html", "run.json", "split.json", "rps-int8.tflite", "rps-int8.onnx", "parity.html"}
    said = set(re.findall(r"[\w-]+\.(?:keras|html|json|tflite|onnx)\b", "".join(README.blocks("sh"))))
    assert names <= said
    assert {name for name in names if not (newcomer / "runs/rps" / name).is_file()} == set()


def test_the_demonstration_leaves_a_clip_and_a_picture(newcomer: Path) -> None:
    named = re.findall(r"`(runs/demo/[^`]+)`", README.text)
    assert named == ["runs/demo/clip.mp4", "runs/demo/results.png"]
    clip = cv2.VideoCapture(str(newcomer / named[0]))
    assert clip.get(cv2.CAP_PROP_FRAME_COUNT) == 180
    clip.release()
    picture = cv2.imread(str(newcomer / named[1]))
    assert picture is not None
    assert picture.shape[1] == 4 * 320
    for name in ("rps-int8.tflite", "rps-int8.onnx"):
        assert (newcomer / "runs/demo/run" / name).stat().st_size <= 0.27 * 4 * 9_495_587


def test_the_table_of_the_demonstration_is_the_one_that_it_prints(newcomer: Path) -> None:
    printed = (newcomer / f"{LINES.index('./tools/demo')}.txt").read_text().splitlines()
    (shown,) = (block.splitlines() for block in README.blocks("") if block.startswith("model"))
    assert printed[0].split() == shown[0].split()
    assert [line.split("  ")[0] for line in printed[2:]] == [line.split("  ")[0] for line in shown[2:]]


def test_the_json_line_has_the_fields_that_are_shown(newcomer: Path) -> None:
    (shown,) = README.blocks("json")
    picture = next((newcomer / "photos").rglob("*.jpg"))
    model = "rps-int8.tflite"
    done = _run(["edgeproof", "run", model, str(picture), "--json", "--threshold", "0"], newcomer)
    assert done.returncode == 0, done.stderr
    assert _shape(json.loads(done.stdout)) == _shape(json.loads(shown))


def _shape(value: Any) -> Any:
    """Give the names and kinds of everything in an object; two numbers are alike, whatever they are."""
    if isinstance(value, dict):
        return {name: _shape(inner) for name, inner in value.items()}
    return "number" if isinstance(value, (int, float)) else type(value).__name__


def test_the_program_of_three_lines_runs(newcomer: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = README.blocks("python")
    monkeypatch.chdir(newcomer)
    picture = cv2.imread(str(next((newcomer / "photos").rglob("*.jpg"))))
    assert isinstance(picture, np.ndarray)
    names: dict[str, Any] = {"frame_bgr": picture}
    exec(compile(code, "README.md", "exec"), names)  # noqa: S102 - our own
    assert names["classifier"].contract.output.labels == ("paper", "rock", "scissors")


def test_what_is_installed_is_to_be_had() -> None:
    lines = [shlex.split(line) for line in LINES if line.startswith("pip install")]
    assert lines
    offered = set(metadata("edgeproof").get_all("Provides-Extra") or ())
    for words in lines:
        (extras,) = re.findall(r"^edgeproof\[([\w,-]+)\]$", words[2])
        assert set(extras.split(",")) <= offered


def test_the_tests_are_those_of_the_ci() -> None:
    assert "tools/test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()[-1]


def test_pictures_of_the_readme_exist() -> None:
    pictures = re.findall(r"!\[[^]]+\]\(([^)]+)\)", README.text)
    assert pictures
    assert [name for name in pictures if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize("name", sorted(file.stem for file in FIGURES.glob("*.json")))
def test_ratios_of_the_readme_are_those_that_were_measured(name: str) -> None:
    measured = json.loads((FIGURES / f"{name}.json").read_text(encoding="utf-8"))
    ratios = [row["ratio"] for row in measured["rows"] if "ratio" in row]  # networks stand side by side, not against
    stated = [float(number) for line in _figures(name) for number in re.findall(r"([\d.]+) × faster", line)]
    assert [number for number in stated if not any(_rounded(ratio, number) for ratio in ratios)] == []


def _figures(benchmark: str) -> list[str]:
    """Give the rows of the table of figures that a benchmark is the command of; "the same" is that of the row above."""
    found, command = [], ""
    for line in README.text.splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) == 5:
            command = command if cells[3] == "the same" else cells[3]
            found += [line] if f"./tools/bench {benchmark}" in command else []
    return found


def _rounded(ratio: float, stated: float) -> bool:
    digits = len(f"{stated:g}".partition(".")[2])
    return round(ratio, digits) == stated
