"""The check that `edgeproof run` begins with."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import cv2
import pytest

from command import Command
from edgeproof.edge import modelfile, preprocess
from edgeproof.edge.classifier import Classifier
from edgeproof.edge.contract import Interpolation
from edgeproof.edge.errors import DamagedError
from edgeproof.edge.proof.repeat import check_at_start
from golden import HELLO, RPS

pytest.importorskip("ai_edge_litert", reason="the files of these tests are opened by ai-edge-litert")

CHECKED = re.compile(r"checked 3 golden frame\(s\) in \d+ ms")


@pytest.fixture
def wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """A device that resizes otherwise."""
    monkeypatch.setitem(preprocess._INTERPOLATIONS, Interpolation.LINEAR, cv2.INTER_NEAREST)


def test_run_says_in_one_line_that_it_checked(edgeproof: Command) -> None:
    assert edgeproof("run", "rps-int8.tflite", "hands:1") == 0
    assert CHECKED.fullmatch(edgeproof.err.splitlines()[0])
    assert edgeproof("run", "hello-int8.tflite", "3") == 0
    assert CHECKED.fullmatch(edgeproof.err.splitlines()[0])


def test_quiet_says_nothing_when_all_is_good(edgeproof: Command) -> None:
    assert edgeproof("run", "rps-int8.tflite", "hands:1", "--quiet", "--json") == 0
    assert edgeproof.err == ""


@pytest.mark.usefixtures("wrong")
@pytest.mark.parametrize("quiet", [["--quiet"], []])
def test_a_device_that_answers_otherwise_does_not_run(edgeproof: Command, quiet: list[str]) -> None:
    assert edgeproof("run", "rps-int8.tflite", "hands:1", *quiet) == 1
    assert edgeproof.out == ""
    (line,) = edgeproof.err.splitlines()
    assert line.startswith("error: expected the workstation's answers, received others, input tensor: 0 of 3 equal")
    assert "here the frame is resized by INTER_NEAREST; edgeproof check says more, --no-check runs it all the" in line


@pytest.mark.usefixtures("wrong")
def test_it_runs_all_the_same_when_told_so(edgeproof: Command) -> None:
    assert edgeproof("run", "rps-int8.tflite", "hands:1", "--no-check") == 0
    assert "checked" not in edgeproof.err
    assert len(edgeproof.out.splitlines()) == 1


def test_a_file_without_proof_is_run_with_a_warning(edgeproof: Command, models: Path, tmp_path: Path) -> None:
    file = modelfile.read(models / "rps-int8.tflite")
    assert file.contract is not None
    bare = modelfile.assemble(file.format, file.model, replace(file.contract, proof=None), {})
    (tmp_path / "a.tflite").write_bytes(bare)
    assert edgeproof("run", tmp_path / "a.tflite", "hands:1", "--quiet") == 0
    (line,) = edgeproof.err.splitlines()
    assert line.startswith("warning: this model carries no parity proof")


@pytest.mark.parametrize("name", RPS + HELLO)
def test_members_are_read_without_the_network(models: Path, name: str) -> None:
    pytest.importorskip("onnxruntime")
    whole = modelfile.read(models / name)
    assert modelfile.read_members(models / name) == whole.members
    report = check_at_start(models / name, Classifier.open(models / name))
    assert report is not None
    assert report.code == 0


@pytest.mark.parametrize("content", [b"", b"another file", b"    TFL3"])
@pytest.mark.parametrize("name", ["rps-int8.tflite", "hello-int8.tflite"])
def test_a_file_that_is_changed_meanwhile_is_named(models: Path, tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes((models / name).read_bytes())
    classifier = Classifier.open(path)
    path.write_bytes(content)
    with pytest.raises(DamagedError, match="expected the file that was opened before, received another"):
        check_at_start(path, classifier)
