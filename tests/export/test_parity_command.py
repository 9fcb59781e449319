from __future__ import annotations

import json
import shutil
from pathlib import Path

import cv2
import pytest

from command import Command
from edgeproof.edge import modelfile
from edgeproof.edge.folders import labelled_files


@pytest.fixture
def edgeproof(capsys: pytest.CaptureFixture[str], models: Path) -> Command:
    return Command(capsys, models)


def test_a_file_passes_against_another(edgeproof: Command, hands: Path) -> None:
    words = ["rps-fp32.onnx", "rps-int8.tflite", "rps-int8.onnx", "--data", hands, "--margin", 3, "--json", "--quiet"]
    assert edgeproof("parity", *words) == 0
    report = json.loads(edgeproof.out)
    assert [candidate["file"] for candidate in report["candidates"]] == ["rps-int8.tflite", "rps-int8.onnx"]
    for candidate in report["candidates"]:
        assert (candidate["verdict"], candidate["n"]) == ("pass", 360)
        low, high = candidate["accuracy_interval"]["low"], candidate["accuracy_interval"]["high"]
        assert low < candidate["accuracy"] < high
        assert sum(map(sum, candidate["confusion"])) == 360
        right = sum(row[index] for index, row in enumerate(candidate["confusion"]))
        assert right / 360 == pytest.approx(candidate["accuracy"])
        assert sum(candidate["drift_histogram"]) == 360
        assert 0 <= candidate["ece"] <= 1


def test_reports_are_written_where_they_are_asked_for(edgeproof: Command, hands: Path, tmp_path: Path) -> None:
    files = {name: tmp_path / f"out/{name}" for name in ("report", "junit", "summary")}
    options = [word for name, path in files.items() for word in (f"--{name}", path)]
    words = ["rps-fp32.onnx", "rps-int8.tflite", "--data", hands, "--margin", 3, "--quiet"]
    assert edgeproof("parity", *words, *options) == 0
    assert "<h1>The file passes</h1>" in files["report"].read_text("utf-8")
    assert 'failures="0"' in files["junit"].read_text("utf-8")
    assert files["summary"].read_text("utf-8").startswith("### Parity: The file passes\n")


def test_a_run_is_its_own_reference_and_brings_its_pictures(edgeproof: Command, exported: Path) -> None:
    code = edgeproof("parity", exported, exported / "rps-fp32.tflite", "--json", "--quiet")
    report = json.loads(edgeproof.out)
    assert code == 3  # 72 validation pictures bound no loss below 3 points
    assert report["dataset"]["n"] == 72
    assert report["candidates"][0]["largest_deviation"] <= 1e-4


def test_training_pictures_extend_and_calibration_pictures_are_left_out(
    edgeproof: Command, exported: Path, hands: Path
) -> None:
    edgeproof("parity", exported, exported / "rps-int8.tflite", "--data", hands, "--json", "--quiet")
    report = json.loads(edgeproof.out)
    calibrated = len(json.loads((exported / "calibration.json").read_text())["files"])
    assert report["dataset"]["n_validation"] == 72
    assert report["dataset"]["n"] == len(labelled_files(hands, hands)) - calibrated


def test_copies_of_one_photo_count_as_one(edgeproof: Command, hands: Path, tmp_path: Path) -> None:
    copied = tmp_path / "copied"
    for file in labelled_files(hands, hands):
        picture = cv2.imread(str(hands / file.file))
        (copied / file.label).mkdir(parents=True, exist_ok=True)
        for copy in range(3):
            brighter = cv2.convertScaleAbs(picture, alpha=1.0, beta=2 * copy)
            cv2.imwrite(str(copied / file.label / f"{Path(file.file).stem}_aug{copy}.png"), brighter)
    words = ["rps-fp32.tflite", "rps-int8.tflite", "--json", "--quiet", "--data"]
    edgeproof("parity", *words, hands)
    (single,) = json.loads(edgeproof.out)["candidates"]
    edgeproof("parity", *words, copied)
    (threefold,) = json.loads(edgeproof.out)["candidates"]
    assert (single["photos"], threefold["n"], threefold["photos"]) == (360, 1080, 360)
    # A thousand independent pictures without a loss would bound it at 0.25 points.
    assert threefold["loss_bound"] > 0.9 * single["loss_bound"]


def test_a_file_without_a_contract_is_taken_for_what_the_reference_is(
    edgeproof: Command, models: Path, hands: Path, tmp_path: Path
) -> None:
    plain = tmp_path / "plain.tflite"
    plain.write_bytes(modelfile.read(models / "rps-fp32.tflite").model.replace(b"exported by edgeproof", b"x" * 21))
    assert edgeproof("parity", "rps-fp32.tflite", plain, "--data", hands, "--margin", 3, "--json", "--quiet") == 0
    assert json.loads(edgeproof.out)["candidates"][0]["agreement"] == 1
    # Told otherwise, it is believed to be otherwise.
    words = ["rps-fp32.tflite", plain, "--data", hands, "--labels", "scissors,rock,paper", "--json", "--quiet"]
    assert edgeproof("parity", *words) == 1


def test_a_reference_no_better_than_chance_proves_nothing(
    edgeproof: Command, models: Path, hands: Path, tmp_path: Path
) -> None:
    plain = tmp_path / "plain.tflite"
    plain.write_bytes(modelfile.read(models / "rps-fp32.tflite").model.replace(b"exported by edgeproof", b"x" * 21))
    words = [plain, "rps-int8.tflite", "--data", hands, "--labels", "scissors,rock,paper", "--json", "--quiet"]
    assert edgeproof("parity", *words) == 3
    (candidate,) = json.loads(edgeproof.out)["candidates"]
    assert candidate["loss"] < 0  # the candidate is better, and yet nothing is proven
    assert "no more than chance" in candidate["reasons"][-1]


def test_a_regression_is_compared_over_its_range(edgeproof: Command) -> None:
    assert edgeproof("parity", "hello-fp32.onnx", "hello-int8.tflite", "--json", "--quiet") == 0
    assert json.loads(edgeproof.out)["candidates"][0]["largest_deviation"] < 0.2


def test_bad_input_is_one_line(edgeproof: Command, hands: Path, tmp_path: Path) -> None:
    two = tmp_path / "two"
    for label in ("rock", "paper"):
        shutil.copytree(hands / label, two / label)
    cases = {
        "pass --data": ["rps-fp32.tflite", "rps-int8.tflite"],
        "received paper, rock": ["rps-fp32.tflite", "rps-int8.tflite", "--data", two],
        "no such file": [tmp_path / "none.tflite", "rps-int8.tflite", "--data", hands],
        "without run.json": [tmp_path, "rps-int8.tflite", "--data", hands],
        "a group that names the photo": ["rps-fp32.tflite", "rps-int8.tflite", "--group", "a+", "--data", hands],
        "expected points from 0 to 100": ["rps-fp32.tflite", "rps-int8.tflite", "--margin", "-1"],
        "expected a model that takes numbers, received image": ["hello-fp32.onnx", "rps-int8.tflite"],
    }
    for expected, words in cases.items():
        assert expected in edgeproof.error("parity", *words, "--quiet")
