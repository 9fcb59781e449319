"""How `tools/release smoke` tries an environment, and what it and the command say."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

pytest.importorskip("tomllib", reason="Python 3.10 reads no TOML")

from releasing import environments, smoke
from releasing.kinds import DEVICE, Step

ROOT = Path(__file__).parents[2]
HERE = environments.Environment(Path(sys.prefix))


def test_every_step_of_a_device_but_its_tests_works_here(tmp_path: Path) -> None:
    *steps, tests = DEVICE.steps(ROOT, version("edgeproof"))
    assert tests.words[0] == "pytest"
    assert [step.words[1] for step in steps] == ["--version"] + 2 * ["info", "check", "run"]
    assert smoke.first_failure(HERE, steps, tmp_path) == ""


@pytest.mark.parametrize(
    ("step", "failure"),
    [
        (
            Step(("edgeproof.edge", "info", "gone.tflite")),
            "edgeproof.edge info gone.tflite: exit code 2, error: expected a model file, received No such file",
        ),
        (
            Step(("edgeproof.edge", "--version"), expected=lambda output: output == "0.0.0\n"),
            f"edgeproof.edge --version: exit code 0, {version('edgeproof')}",
        ),
    ],
)
def test_a_step_that_ends_or_answers_wrongly_is_named(tmp_path: Path, step: Step, failure: str) -> None:
    good = Step(("edgeproof.edge", "--help"))
    assert smoke.first_failure(HERE, [good, step, good], tmp_path).startswith(failure)


def test_uv_takes_packages_from_where_pip_takes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://example.org/simple")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "https://example.org/a https://example.org/b")
    monkeypatch.setenv("PIP_FIND_LINKS", "/wheels /more")
    found = environments.settings()
    assert found["UV_DEFAULT_INDEX"] == "https://example.org/simple"
    assert found["UV_INDEX"] == "https://example.org/a https://example.org/b"
    assert found["UV_FIND_LINKS"] == "/wheels,/more"


def test_the_table_has_a_row_for_each_environment() -> None:
    outcomes = [
        smoke.Outcome("device", "3.10", "lowest", 61.4, {"numpy": "1.26.0", "onnxruntime": "1.23.0"}),
        smoke.Outcome("device", "3.13", "newest", 2.5, failure="install: no | solution"),
    ]
    assert smoke.table(outcomes).splitlines()[2:] == [
        "| device | 3.10 | lowest | pass | 61 | numpy 1.26.0, onnxruntime 1.23.0 |",
        "| device | 3.13 | newest | install: no / solution | 2 |  |",
    ]


def release(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", str(ROOT / "tools/release"), *words], capture_output=True, text=True, check=False)  # noqa: S603, S607 - our own tool


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("check", "--now"), "error: expected --draft or nothing, received '--now'"),
        (("build", "dist"), "error: expected nothing behind build, received 'dist'"),
        (("smoke", "python3"), "error: expected a Python such as 3.13, received 'python3'"),
        (("smoke", "--kind"), "error: expected something behind --kind, received nothing"),
    ],
)
def test_what_the_command_cannot_use_is_named_in_one_line(words: tuple[str, ...], line: str) -> None:
    done = release(*words)
    assert (done.returncode, done.stderr) == (2, line + "\n")


@pytest.mark.parametrize(("words", "code"), [((), 2), (("publish",), 2), (("--help",), 0)])
def test_the_command_says_how_it_is_used(words: tuple[str, ...], code: int) -> None:
    done = release(*words)
    assert done.returncode == code
    assert (done.stdout + done.stderr).startswith("usage: tools/release check")
