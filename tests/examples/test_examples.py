"""Every example as a reader runs it, on few pictures and for few epochs."""

from __future__ import annotations

import re
from pathlib import Path

import cv2
import numpy as np
import pytest

from edgeproof.edge import Classifier, run_directory
from edgeproof.edge.cli import main as edgeproof
from edgeproof.edge.run_directory import RunRecord
from tutorial import run_example

ONCE, TWICE = ("--epochs", "1"), ("--epochs", "2")


def trained(run: Path, epochs: int = 1) -> RunRecord:
    """The record of a run, whose accuracy must be that of whole pictures."""
    record = run_directory.read(run)[0]
    accuracy, n = record.validation.accuracy, record.validation.n
    assert accuracy is not None
    assert accuracy * n == pytest.approx(round(accuracy * n))
    assert len(record.history["val_loss"]) == epochs
    return record


def percentages(line: str) -> list[float]:
    return [float(number) for number in re.findall(r"(-?[\d.]+)%", line)]


def line_of(output: str, start: str) -> str:
    (line,) = [line for line in output.splitlines() if line.startswith(start)]
    return line


def test_hello_answers_19_at_10(tmp_path: Path) -> None:
    output = run_example("1_hello", "--out", tmp_path / "run", "--epochs", "250")
    said = [float(number) for number in re.findall(r"answers at 10: (.*)", output)]
    assert said == [pytest.approx(19, abs=0.5)] * 2
    file = tmp_path / "run" / "hello-int8.tflite"
    assert edgeproof(["check", str(file)]) == 0
    assert Classifier.open(file).classify(np.array([0], np.float32)).scores[0] == pytest.approx(-1, abs=0.5)


def test_dense_layers_tell_clothes_apart(clothes: Path, tmp_path: Path) -> None:
    output = run_example("2_fashion", "--data", clothes, "--out", tmp_path / "run", *TWICE)
    record = trained(tmp_path / "run", 2)
    assert (record.validation.accuracy or 0) > 0.3  # chance is a tenth
    assert f"{784 * 128 + 128 + 128 * 10 + 10:,}" in line_of(output, " Total params")
    found = {line.split()[0]: percentages(line) for line in output.splitlines() if line.endswith("found")}
    assert found == {one.label: [pytest.approx(100 * one.recall, abs=0.5)] for one in record.validation.classes}
    assert len(found) == 10
    assert sum(percentages(line_of(output, "a picture of "))) == pytest.approx(100, abs=0.6)


def test_convolutions_are_made_visible(clothes: Path, tmp_path: Path) -> None:
    output = run_example("3_convolutions", "--data", clothes, "--out", tmp_path / "run", *TWICE)
    assert (trained(tmp_path / "run", 2).validation.accuracy or 0) > 0.3  # chance is a tenth
    assert "243,786" in line_of(output, " Total params")
    maps = cv2.imread(str(tmp_path / "run" / "feature-maps.png"), cv2.IMREAD_GRAYSCALE)
    assert maps is not None
    names, pictures = np.hsplit(maps, [maps.shape[1] // 10])
    assert all(name.min() < 128 for name in np.vsplit(names, 5))
    rows = [np.hsplit(row, 8) for row in np.vsplit(pictures, 5)]
    drawn = [sum(cell.min() < 255 for cell in row) for row in rows]
    assert drawn == [3, 8, 8, 8, 8]
    assert len({cell.tobytes() for row in rows for cell in row}) > 25


def test_two_folders_are_two_classes(horses_humans: Path, tmp_path: Path) -> None:
    photo = next(horses_humans.rglob("*.jpg"))
    words = ["--data", horses_humans, "--out", tmp_path / "run", "--photo", photo, *ONCE]
    output = run_example("4_real_pictures", *words)
    record, split = run_directory.read(tmp_path / "run")
    assert trained(tmp_path / "run").labels == ("horses", "humans")
    assert {file.file.split("/")[0] for file in split.train} == {"horses", "humans"}
    horses, humans = percentages(line_of(output, str(photo)))
    assert horses + humans == pytest.approx(100, abs=0.11)
    assert f"judged by {record.validation.n}: {record.validation.accuracy:.1%} right" in output


def test_curves_are_drawn_and_read(cats_dogs: Path, tmp_path: Path) -> None:
    output = run_example("5_larger_sets", "--data", cats_dogs, "--out", tmp_path / "run", *TWICE)
    history = trained(tmp_path / "run", 2).history
    learned, kept, apart = percentages(line_of(output, "learned "))
    assert [learned, kept] == pytest.approx([100 * history[k][1] for k in ("accuracy", "val_accuracy")], abs=0.051)
    assert apart == pytest.approx(learned - kept, abs=0.11)
    best = 1 if history["val_loss"][0] <= history["val_loss"][1] else 2
    assert f"after epoch {best} of 2" in output
    curves = cv2.imread(str(tmp_path / "run" / "curves.png"))
    assert curves is not None
    assert len(np.unique(curves.reshape(-1, 3), axis=0)) > 20


def test_augmentation_is_the_only_difference(cats_dogs: Path, tmp_path: Path) -> None:
    output = run_example("6_augmentation", "--data", cats_dogs, "--out", tmp_path, *ONCE)
    plain, augmented = trained(tmp_path / "plain"), trained(tmp_path / "augmented")
    different = {name for name, value in plain.settings.items() if augmented.settings[name] != value}
    assert different == {"augment"}
    assert plain.history["loss"] != augmented.history["loss"]
    for way, record in (("plain", plain), ("augmented", augmented)):
        assert f"{record.history['val_accuracy'][-1]:.1%}" in line_of(output, way)
    assert not (tmp_path / "plain" / "augmentation.png").exists()
    assert cv2.imread(str(tmp_path / "augmented" / "augmentation.png")) is not None


def test_a_transferred_network_learns_its_head_alone(cats_dogs: Path, weights: Path, tmp_path: Path) -> None:
    words = ["--data", cats_dogs, "--out", tmp_path / "run", "--weights", weights, "--size", "75", *ONCE]
    output = run_example("7_transfer_learning", *words)
    record = trained(tmp_path / "run")
    by_hand, in_the_run, learning = (
        int(number.replace(",", "")) for number in re.findall(r"\d[\d,]+", line_of(output, "weights: "))
    )
    assert by_hand == in_the_run == record.parameters
    assert learning == (3 * 3 * 768 + 1) * 1024 + 1025  # mixed7 leaves 3×3 of 75×75
    assert record.labels == ("cats", "dogs")


def test_several_classes_come_to_the_device(gestures: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    output = run_example("8_multi_class", "--data", gestures, "--out", run, *ONCE, code=3)  # 72 photos prove nothing
    assert trained(run).labels == ("paper", "rock", "scissors")
    assert "inconclusive" in line_of(output, "rps-int8.tflite  ")
    assert re.search("^pass: .*rps-int8.tflite answers here as on the workstation", output, re.MULTILINE)
    assert edgeproof(["check", str(run / "rps-int8.onnx")]) == 0
    device = Classifier.open(run / "rps-int8.tflite")
    for label in ("paper", "rock", "scissors"):
        photo = next((gestures / label).iterdir())
        assert sum(device.classify_file(photo).probabilities.values()) == pytest.approx(1, abs=0.02)
        assert "% sure" in line_of(output, f"{label}: ")
