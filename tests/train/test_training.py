from __future__ import annotations

import json
from pathlib import Path

import keras
import numpy as np
import pytest

from edgeproof.edge import run_directory
from edgeproof.edge.cli import main
from edgeproof.train.models import NAMES


def test_a_run_directory_says_how_it_was_made(run: Path, hands: Path) -> None:
    record, split = run_directory.read(run)
    assert record.model == "rps"
    assert record.labels == ("paper", "rock", "scissors")
    assert record.data == str(hands.resolve())
    assert record.validation.n == len(split.validation) == 72
    assert record.validation.accuracy == pytest.approx(record.history["val_accuracy"][-1])
    assert record.validation.accuracy > 0.5  # chance is a third
    assert {"keras", "edgeproof", "numpy"} <= set(record.versions)
    assert not {file.sha256 for file in split.train} & {file.sha256 for file in split.validation}


def test_run_json_keeps_its_promised_fields(run: Path) -> None:
    promised = {"model", "labels", "input", "history", "validation", "seed", "data", "versions"}
    assert promised <= set(json.loads((run / "run.json").read_text()))


def test_hello_finds_the_line(hello: Path) -> None:
    model = keras.saving.load_model(hello / "model.keras")
    assert float(model(np.array([[10.0]], np.float32))[0, 0]) == pytest.approx(19, abs=0.1)


def test_two_runs_with_one_seed_are_equal(hands: Path, tmp_path: Path) -> None:
    words = ["train", "hello", "--epochs", "5", "--quiet"]
    histories = []
    for name in ("a", "b"):
        assert main([*words, "--out", str(tmp_path / name)]) == 0
        histories.append(json.loads((tmp_path / name / "run.json").read_text())["history"])
    assert histories[0] == histories[1]
    assert hands.is_dir()


def one_error(capsys: pytest.CaptureFixture[str]) -> str:
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("error: expected ")
    return lines[0]


def test_bad_input_is_one_line(hands: Path, run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "out")
    (tmp_path / "one" / "rock").mkdir(parents=True)
    (tmp_path / "none").mkdir()
    (tmp_path / "one" / "rock" / "a.jpg").write_bytes(next(hands.rglob("*.jpg")).read_bytes())
    cases = {
        "received no such thing": ["rps", "--data", str(tmp_path / "missing"), "--out", out],
        "received 1 (rock)": ["rps", "--data", str(tmp_path / "one"), "--out", out],
        "received 0 (none)": ["rps", "--data", str(tmp_path / "none"), "--out", out],
        f"expected a model of {', '.join(NAMES)}, received 'mnist'": ["mnist", "--data", str(hands), "--out", out],
        "expected --data": ["rps", "--out", out],
        "pass --overwrite": ["rps", "--data", str(hands), "--out", str(run)],
    }
    for expected, words in cases.items():
        assert main(["train", *words, "--quiet"]) == 2
        assert expected in one_error(capsys)
    assert not (tmp_path / "out").exists()


def test_unreadable_pictures_are_named_and_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import tiny

    data = tiny.draw(tmp_path / "data", 30)
    broken = data / "rock" / "broken.jpg"
    broken.write_bytes(b"no picture")
    words = ["train", "rps", "--data", str(data), "--epochs", "1", "--quiet"]
    assert main([*words, "--out", str(tmp_path / "a"), "--strict"]) == 2
    assert str(broken) in one_error(capsys)
    assert main([*words, "--out", str(tmp_path / "b")]) == 0
    warnings = capsys.readouterr().err
    assert str(broken) in warnings
    assert "1 of " in warnings
    _, split = run_directory.read(tmp_path / "b")
    assert len(split.train) + len(split.validation) == 30


def test_a_class_of_unreadable_pictures_ends_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import tiny

    data = tiny.draw(tmp_path / "data", 12)
    for path in (data / "rock").iterdir():
        path.write_bytes(path.name.encode())
    assert main(["train", "rps", "--data", str(data), "--out", str(tmp_path / "run"), "--quiet"]) == 2
    assert "received none of rock" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_a_training_that_diverges_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from edgeproof.train.models import hello

    monkeypatch.setattr(hello, "RECIPE", replace(hello.RECIPE, learning_rate=10.0))
    assert main(["train", "hello", "--out", str(tmp_path / "run"), "--quiet"]) == 2
    assert "expected a training that converges, received a loss of NaN or infinity" in one_error(capsys)
    assert not (tmp_path / "run").exists()


def test_a_place_that_cannot_be_written_to_is_found_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "note.txt").write_text("mine")
    for out in ("note.txt", "note.txt/sub"):
        assert main(["train", "hello", "--out", str(tmp_path / out), "--quiet"]) == 2
        assert "expected a folder that can be written to" in one_error(capsys)
    assert (tmp_path / "note.txt").read_text() == "mine"


def test_overwriting_takes_the_old_exports_away(tmp_path: Path) -> None:
    run = tmp_path / "run"
    words = ["train", "hello", "--epochs", "2", "--out", str(run), "--quiet"]
    assert main(words) == 0
    for name in ("hello-int8.tflite", "hello-fp32.onnx", "parity.json", "parity.html", "notes.txt"):
        (run / name).write_text("of the first network")
    assert main([*words, "--overwrite"]) == 0
    assert sorted(path.name for path in run.iterdir()) == [
        "model.keras",
        "notes.txt",
        "report.html",
        "run.json",
        "split.json",
    ]
