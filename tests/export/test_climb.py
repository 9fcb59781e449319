"""The climb of a network that int8 really ruins."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import keras
import numpy as np
import pytest

from edgeproof.edge import modelfile, typed_json
from edgeproof.edge.classifier import Classifier
from edgeproof.edge.cli import main
from edgeproof.edge.contract import Format, Precision, Verdict
from edgeproof.edge.preprocess import decode_image
from edgeproof.edge.run_directory import MODEL, PARITY
from edgeproof.export.parity.report import ParityReport

MARGINS = ["--margin", "5", "--class-margin", "10"]


@pytest.fixture(scope="module")
def collapsing(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny run, in which one channel is 1024 times as large as the others, and the next layer takes that back.

    Both are exact in floats. In int8 the other channels round to nothing.
    """
    folder = tmp_path_factory.mktemp("collapsing") / "rps"
    shutil.copytree(run, folder)
    model = keras.models.load_model(folder / MODEL)
    _, before, behind = (layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D))
    kernel, bias = before.get_weights()
    before.set_weights([kernel * np.where(np.arange(32) == 0, 1024, 1), bias * np.where(np.arange(32) == 0, 1024, 1)])
    kernel, bias = behind.get_weights()
    behind.set_weights([kernel * np.where(np.arange(32) == 0, 1 / 1024, 1)[:, None], bias])
    model.save(folder / MODEL)
    return folder


@pytest.fixture(scope="module")
def climbed(collapsing: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, exported with a climb in both formats."""
    folder = tmp_path_factory.mktemp("climbed") / "rps"
    shutil.copytree(collapsing, folder)
    assert main(["export", str(folder), "--int8", "--auto", *MARGINS, "--quiet"]) == 0
    return folder


def report_of(folder: Path) -> ParityReport:
    return typed_json.loads(ParityReport, (folder / PARITY).read_bytes(), PARITY)


def test_the_floats_are_those_of_the_network_as_it_was(collapsing: Path, run: Path) -> None:
    pixels = np.random.default_rng(0).random((8, 32, 32, 3)).astype(np.float32)
    ruined, healthy = (keras.models.load_model(folder / MODEL) for folder in (collapsing, run))
    assert np.allclose(ruined(pixels), healthy(pixels), atol=1e-6)


@pytest.mark.parametrize("kind", list(Format))
def test_the_climb_ends_with_a_file_that_passes(climbed: Path, kind: Format) -> None:
    report = report_of(climbed)
    assert report.verdict is Verdict.PASS
    steps = [step for step in report.ladder if step.format is kind]
    assert (steps[0].rung, steps[0].verdict) == ("int8", Verdict.FAIL)
    assert [step.verdict for step in steps[1:-1]] == [Verdict.FAIL] * (len(steps) - 2)
    assert steps[-1].verdict is Verdict.PASS
    # Some of the nine layers in floats are enough, the one with the large channel and the one behind it among them.
    assert steps[-1].rung.startswith("int8 with ")
    assert (climbed / steps[-1].file).is_file()
    candidates = {candidate.file: candidate for candidate in report.candidates}
    assert candidates[steps[0].file].agreement < 0.7
    assert candidates[steps[-1].file].agreement > 0.95
    assert report.fastest in {step.file for step in report.ladder if step.verdict is Verdict.PASS}


def test_the_steps_are_in_parity_json(climbed: Path) -> None:
    ladder = json.loads((climbed / PARITY).read_text())["ladder"]
    assert {step["format"] for step in ladder} == {"tflite", "onnx"}
    assert all(set(step) == {"format", "rung", "file", "verdict", "agreement", "loss_bound"} for step in ladder)


@pytest.mark.parametrize("kind", list(Format))
def test_int8_is_diagnosed_with_its_noisy_layers(climbed: Path, kind: Format) -> None:
    (candidate,) = [one for one in report_of(climbed).candidates if one.file == f"rps-int8.{kind.value}"]
    assert candidate.diagnosis is not None
    assert candidate.diagnosis.causes == ()
    noise = [layer.snr for layer in candidate.diagnosis.layers]
    assert len(noise) == 9
    assert noise == sorted(noise)
    assert noise[0] < 10
    (line,) = candidate.diagnosis.findings()
    assert line.startswith("noise: ")


@pytest.mark.parametrize("kind", list(Format))
def test_the_mixed_file_says_what_stayed_in_floats(climbed: Path, kind: Format) -> None:
    file = climbed / f"rps-mixed.{kind.value}"
    contract = modelfile.read(file).contract
    assert contract is not None
    assert contract.provenance is not None
    assert contract.proof is not None
    (candidate,) = [one for one in report_of(climbed).candidates if one.file == file.name]
    assert contract.provenance.float_layers == candidate.float_layers
    last = [step.rung for step in report_of(climbed).ladder if step.file == file.name][-1]
    assert last == f"int8 with {len(candidate.float_layers)} layers in floats"
    behind = [layer.name for layer in keras.models.load_model(climbed / MODEL).layers if "conv" in layer.name][2]
    assert any(f"/{behind}" in name for name in contract.provenance.float_layers)  # it reads the large channel
    assert (contract.provenance.precision, candidate.precision) == (Precision.MIXED, Precision.MIXED)
    assert contract.provenance.calibration is not None
    assert contract.proof.verdict is Verdict.PASS
    assert contract.input.dtype == "uint8"
    sizes = [(climbed / f"rps-{name}.{kind.value}").stat().st_size for name in ("int8", "mixed")]
    assert sizes[0] < sizes[1]


@pytest.mark.parametrize("kind", list(Format))
def test_the_mixed_file_answers_its_golden_frames_on_a_device(climbed: Path, kind: Format) -> None:
    file = climbed / f"rps-mixed.{kind.value}"
    classifier, members = Classifier.open(file), modelfile.read(file).members
    assert classifier.interpreter.input.dtype == "uint8"
    proof = classifier.contract.proof
    assert proof is not None
    assert len(proof.golden) == 3
    for frame in proof.golden:
        prediction = classifier.classify(decode_image(members[frame.file], frame.file))
        assert np.allclose(prediction.scores, frame.scores, atol=1e-6)
        assert sum(frame.scores) == pytest.approx(1, abs=0.02)


def test_without_a_climb_int8_just_fails(collapsing: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["export", str(collapsing), "--int8", "--format", "tflite", "--out", str(tmp_path / "out"), *MARGINS]
    assert main([*words, "--quiet"]) == 1
    report = report_of(tmp_path / "out")
    assert report.ladder == ()
    assert [candidate.file for candidate in report.candidates] == ["rps-int8.tflite"]
    assert "keep them in floats (`export --auto` tries it)" in capsys.readouterr().out


def test_too_few_photos_for_any_rung_are_said_to_be(
    collapsing: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["export", str(collapsing), "--int8", "--format", "tflite", "--out", str(tmp_path / "out"), "--auto"]
    assert main([*words, "--margin", "0.1", "--quiet"]) == 1
    assert report_of(tmp_path / "out").ladder == ()
    err = capsys.readouterr().err
    assert "warning: tflite: nothing is tried in the place of int8" in err
