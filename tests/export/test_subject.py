"""Runs whose pictures, records or network are not what they were."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import keras
import numpy as np
import pytest

from edgeproof.edge.cli import main

WORDS = ["--fp32", "--format", "tflite", "--quiet"]


@pytest.fixture
def copy(run: Path, hands: Path, tmp_path: Path) -> tuple[Path, Path]:
    """A run and its pictures, to be spoilt."""
    shutil.copytree(run, tmp_path / "run")
    shutil.copytree(hands, tmp_path / "hands")
    return tmp_path / "run", tmp_path / "hands"


def error(run: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> str:
    before = sorted(path.name for path in run.iterdir() if path.name.startswith("rps-"))
    assert main(["export", str(run), "--data", str(data), *WORDS]) == 2
    lines = [line for line in capsys.readouterr().err.splitlines() if not line.startswith("warning:")]
    assert len(lines) == 1, lines
    assert sorted(path.name for path in run.iterdir() if path.name.startswith("rps-")) == before
    return lines[0]


def files(run: Path, side: str, label: str) -> list[str]:
    split = json.loads((run / "split.json").read_text())
    return [file["file"] for file in split[side] if file["label"] == label]


@pytest.mark.parametrize("side", ["train", "validation"])
def test_changed_pictures_are_noticed(copy: tuple[Path, Path], capsys: pytest.CaptureFixture[str], side: str) -> None:
    run, data = copy
    other = data / files(run, "validation", "paper")[0]
    for name in files(run, side, "rock"):
        (data / name).write_bytes(other.read_bytes())
    assert "expected the picture that the run was split with, received another" in error(run, data, capsys)


def test_a_class_without_pictures_is_named(copy: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    run, data = copy
    for name in files(run, "validation", "rock"):
        (data / name).unlink()
    assert "received none of rock" in error(run, data, capsys)


def test_records_that_disagree_are_refused(copy: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    run, data = copy
    record = json.loads((run / "run.json").read_text())
    cases = [
        ({"labels": ["paper", "rock"]}, "expected the labels of run.json in split.json, received also 'scissors'"),
        ({"activation": "linear"}, "expected labels for all but linear outputs"),
        (
            {"input": {**record["input"], "height": 40}},
            "expected a network for (40, 32, 3), received one for (32, 32, 3)",
        ),
        ({"seed": "zero"}, "run.json: seed"),
    ]
    for change, message in cases:
        (run / "run.json").write_text(json.dumps({**record, **change}))
        assert message in error(run, data, capsys)


def test_a_network_that_answers_nan_is_refused(copy: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    run, data = copy
    model = keras.saving.load_model(run / "model.keras")
    kernel, bias = model.layers[-1].get_weights()
    model.layers[-1].set_weights([kernel, np.full_like(bias, np.nan)])
    model.save(run / "model.keras")
    assert "expected a network that answers numbers, received NaN" in error(run, data, capsys)


@pytest.mark.parametrize("words", [["--margin", "nan"], ["--margin", "-1"], ["--class-margin", "inf"]])
def test_margins_that_are_none_are_refused(run: Path, capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    assert main(["export", str(run), "--int8", *words]) == 2
    assert "expected points from 0 to 100" in capsys.readouterr().err


def test_layers_that_run_code_of_the_file_are_refused_by_name(
    copy: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    run, data = copy
    model = keras.saving.load_model(run / "model.keras")
    doubled = keras.layers.Lambda(lambda x: x * 2, name="doubled")
    keras.Sequential([keras.Input(model.input_shape[1:]), doubled, model]).save(run / "model.keras")
    for trusted in ([], ["--trust"]):
        assert main(["export", str(run), "--data", str(data), *WORDS, *trusted]) == 2
        line = capsys.readouterr().err
        # Trust in the file leaves Keras' own safe mode as the next door.
        assert ("safe mode" if trusted else "received Lambda in layer 'doubled'") in line
