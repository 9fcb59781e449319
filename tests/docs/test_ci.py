"""docs/ci.md: its workflows are whole, and its commands and tests run on a repository as the page describes it."""

from __future__ import annotations

import re
import shlex
import shutil
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import pages
import tiny
from edgeproof.edge.cli import main

yaml = pytest.importorskip("yaml")

PAGE = (pages.DOCS / "ci.md").read_text("utf-8")
BLOCKS = [block for section in pages.sections(PAGE) for block in section.blocks]
PYTHON = [block.text for block in BLOCKS if block.language == "python"]
# YAML 1.1 takes the word `on` for true, and GitHub does not.
WORKFLOWS = [yaml.load(block.text, yaml.BaseLoader) for block in BLOCKS if block.language == "yaml"]
_ACTION = re.compile(r"actions/[a-z-]+@v\d+")
_MATRIX = re.compile(r"\$\{\{ matrix\.(\w+) \}\}")
_PICTURES = 300  # of which none differs: enough for a margin of one point


@pytest.fixture(scope="module")
def repository(exported: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout as the page has it; its int8 files are float ones, whose verdict does not depend on luck."""
    root = tmp_path_factory.mktemp("repository")
    shutil.copytree(exported, root / "runs/rps")
    for kind in ("tflite", "onnx"):
        shutil.copy(exported / f"rps-fp32.{kind}", root / f"runs/rps/rps-int8.{kind}")
    tiny.draw(root / "photos/validation", _PICTURES, seed=9)
    return root


def jobs() -> list[dict[str, Any]]:
    return [job for workflow in WORKFLOWS for job in workflow["jobs"].values()]


def variants(job: dict[str, Any]) -> list[dict[str, str]]:
    """List what a job's matrix makes of it."""
    matrix = job.get("strategy", {}).get("matrix", {})
    return [dict(zip(matrix, values, strict=True)) for values in product(*matrix.values())]


def filled(text: str, values: dict[str, str]) -> str:
    """Put a variant's values in the places of the matrix."""
    return _MATRIX.sub(lambda match: values[match[1]], text)


def gates() -> list[tuple[str, list[str]]]:
    """List the commands of the page, each with the files that its job keeps."""
    plain = [(line, []) for block in BLOCKS if block.language == "sh" for line in pages.commands(block.text)]
    kept: list[tuple[str, list[str]]] = []
    for job in jobs():
        paths = [step["with"]["path"].split() for step in job["steps"] if "upload-artifact" in step.get("uses", "")]
        for step, values in product(job["steps"], variants(job)):
            if step.get("run", "").startswith("edgeproof "):
                kept.append((filled(step["run"], values), paths[0]))
    return plain + kept


def test_the_page_has_a_workflow_for_each_case() -> None:
    assert len(WORKFLOWS) == 2
    assert len(gates()) == 4  # the command, each file of the matrix, and the run in LFS


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda workflow: workflow["name"])
def test_a_workflow_is_whole(workflow: dict[str, Any]) -> None:
    assert set(workflow) <= {"name", "on", "permissions", "env", "jobs"}
    assert set(workflow["on"]) <= {"push", "pull_request", "workflow_dispatch"}
    for job in workflow["jobs"].values():
        assert set(job) <= {"runs-on", "timeout-minutes", "strategy", "steps"}
        assert int(job["timeout-minutes"]) <= 60
        for step in job["steps"]:
            assert set(step) <= {"name", "uses", "with", "run", "if"}
            assert ("uses" in step) != ("run" in step)
            assert _ACTION.fullmatch(step.get("uses", "actions/checkout@v4"))
        order = [step.get("uses", step.get("run", "")).split("@")[0].split(" ")[0] for step in job["steps"]]
        assert order.index("actions/checkout") < order.index("actions/setup-python") < order.index("pip")
        assert order.index("pip") < len(order) - 2
        assert order[-1] == "actions/upload-artifact"
        assert job["steps"][-1]["if"] == "always()"
        names = {name for step in job["steps"] for name in _MATRIX.findall(str(step))}
        assert names == set(job.get("strategy", {}).get("matrix", {}))


@pytest.mark.parametrize(("command", "kept"), gates())
def test_the_command_passes_and_leaves_what_is_kept(
    repository: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
    kept: list[str],
) -> None:
    for folder in ("runs", "photos"):
        (tmp_path / folder).symlink_to(repository / folder)
    monkeypatch.chdir(tmp_path)
    words = shlex.split(command.replace("$GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md")))
    assert words[0] == "edgeproof"
    assert main(words[1:]) == 0, capsys.readouterr().err
    assert all((tmp_path / name).stat().st_size > 0 for name in kept)
    assert ("--summary" in words) == (tmp_path / "summary.md").exists() == bool(kept)


def test_the_tests_of_the_page_pass(pytester: pytest.Pytester, repository: Path) -> None:
    for folder in ("runs", "photos"):
        (pytester.path / folder).symlink_to(repository / folder)
    (run,) = {step["run"] for job in jobs() for step in job["steps"] if step.get("run", "").startswith("pytest ")}
    program, folder, *options = shlex.split(run)
    (pytester.path / folder).mkdir()
    (pytester.path / folder / "test_parity.py").write_text("\n\n".join(PYTHON))
    result = pytester.runpytest_inprocess(folder, *options, "-p", "no:cacheprovider")
    result.assert_outcomes(passed=sum(text.count("def test_") for text in PYTHON))
    assert program == "pytest"
    assert len(list((pytester.path / "reports").glob("*.html"))) == 2
    assert (pytester.path / "tests.xml").is_file()


def test_a_pointer_of_lfs_is_refused_in_the_words_of_the_page(
    tmp_path: Path, repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pointer = tmp_path / "rps-int8.tflite"
    pointer.write_text("version https://git-lfs.example/spec/v1\noid sha256:" + 64 * "0" + "\nsize 241664\n")
    words = [str(repository / "runs/rps"), str(pointer), "--data", str(repository / "photos/validation")]
    assert main(["parity", *words]) == 2
    said = re.search(r"`(expected a \.tflite[^`]*)`", PAGE.replace("\n", " "))
    assert said is not None
    assert said[1] in capsys.readouterr().err
