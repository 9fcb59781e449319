"""`edgeproof bundle` on the command line, up to what needs an index; test_install.py has the rest."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from command import Command
from edgeproof.edge import modelfile
from edgeproof.edge.contract import Verdict

pytestmark = pytest.mark.usefixtures("offline")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def unproven(models: Path, folder: Path, verdict: Verdict | None) -> Path:
    file = modelfile.read(models / "rps-int8.tflite")
    assert file.contract is not None
    assert file.contract.proof is not None
    proof = None if verdict is None else replace(file.contract.proof, verdict=verdict)
    members = {name: data for name, data in file.members.items() if name.startswith("golden")}
    path = folder / "unproven.tflite"
    path.write_bytes(modelfile.assemble(file.format, file.model, replace(file.contract, proof=proof), members))
    return path


@pytest.mark.parametrize(
    ("verdict", "found"),
    [
        (Verdict.FAIL, "the parity verdict fail"),
        (Verdict.INCONCLUSIVE, "the parity verdict inconclusive"),
        (None, "no parity proof"),
    ],
)
def test_a_model_that_is_not_proven_is_refused(
    edgeproof: Command, models: Path, tmp_path: Path, verdict: Verdict | None, found: str
) -> None:
    model = unproven(models, tmp_path, verdict)
    line = edgeproof.error("bundle", model, "--for", "here")
    assert line.startswith(f"error: expected a model that passed the parity gate, received {found}: ")
    assert line.endswith("or pass --allow-unproven")
    # Taken with the flag, it gets as far as the wheels, which are not to be had.
    assert "received from pip" in edgeproof.error("bundle", model, "--for", "here", "--allow-unproven", "--quiet")
    assert f"warning: {found}: whoever installs this bundle takes" in edgeproof.err
    assert [path.name for path in tmp_path.iterdir()] == [model.name]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--for", "mars"], "expected --for with one of pi-bookworm-arm64"),
        ([], "the following arguments are required: --for"),
        (["--for", "here", "--with", "web,teapot"], "expected --with some of edge, window"),
        (["--for", "here", "--wheels", "nowhere"], "expected a folder of wheels for --wheels, received nowhere"),
        (["--for", "here", "--out", "."], "expected a file to write, received a folder: ."),
        (
            ["--for", "here", "--quiet"],
            "expected wheels for here, received from pip: No matching distribution found for",
        ),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(
    edgeproof: Command, tmp_path: Path, words: list[str], message: str
) -> None:
    assert message in edgeproof.error("bundle", "rps-int8.tflite", *words)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_model_is_refused(edgeproof: Command, tmp_path: Path) -> None:
    (tmp_path / "a.tflite").write_text("no model")
    assert "a.tflite" in edgeproof.error("bundle", tmp_path / "a.tflite", "--for", "here")


def test_package_that_is_missing_is_named_with_its_extra(models: Path) -> None:
    code = "import sys; sys.modules['packaging.requirements'] = sys.modules['packaging'] = None\n"
    code += "from edgeproof.edge.cli import main; sys.exit(main(sys.argv[1:]))"
    words = ["bundle", str(models / "rps-int8.tflite"), "--for", "here"]
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "expected the package packaging, received none" in done.stderr
    assert "pip install 'edgeproof[bundle]'" in done.stderr
