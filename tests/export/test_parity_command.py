from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import onnx
import pytest
from defects.onnx import saturated as saturated_onnx
from defects.tflite import saturated as saturated_tflite

import golden
from command import Command
from edgeproof.edge import modelfile, run_directory
from edgeproof.edge.contract import Format
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


def only(edgeproof: Command) -> dict[str, Any]:
    (candidate,) = json.loads(edgeproof.out)["candidates"]
    assert isinstance(candidate, dict)
    return candidate


def damaged(models: Path, kind: Format, path: Path) -> Path:
    """Write the int8 file with a layer in its middle that ends at a fifteenth of its range."""
    file = modelfile.read(models / f"rps-int8.{kind.value}")
    assert file.contract is not None
    model = saturated_tflite(file.model, 4, 15) if kind is Format.TFLITE else saturated_onnx(file.model, 3, 15)
    path.write_bytes(modelfile.assemble(kind, model, file.contract, {}))
    return path


@pytest.mark.parametrize("kind", list(Format))
def test_noisy_layers_of_a_file_that_fails_are_named(
    edgeproof: Command, models: Path, hands: Path, tmp_path: Path, kind: Format
) -> None:
    bad = damaged(models, kind, tmp_path / f"bad.{kind.value}")
    words = [bad, "--data", hands, "--json", "--quiet"]
    assert edgeproof("parity", f"rps-fp32.{kind.value}", *words) == 1
    diagnosis = only(edgeproof)["diagnosis"]
    assert diagnosis["causes"] == []
    layers = [layer["snr"] for layer in diagnosis["layers"]]
    assert len(layers) == 9
    assert layers == sorted(layers)
    assert layers[0] < 6 < 25 < layers[-1]  # before the damaged layer all is well
    # Nothing to compare with: files of another format, and those that are not floats themselves.
    other = next(each for each in Format if each is not kind)
    for reference in (f"rps-fp32.{other.value}", f"rps-int8.{kind.value}"):
        assert edgeproof("parity", reference, *words) == 1
        assert only(edgeproof)["diagnosis"]["layers"] == []


def test_files_of_one_name_are_told_apart(edgeproof: Command, models: Path, hands: Path, tmp_path: Path) -> None:
    places = [tmp_path / folder for folder in ("old/a", "new/a", "new/b")]
    for place in places:
        place.mkdir(parents=True)
        shutil.copy(models / "rps-int8.tflite", place / "m.tflite")
    junit = tmp_path / "junit.xml"
    files = [place / "m.tflite" for place in places]
    words = ["rps-fp32.tflite", *files, "rps-int8.onnx", "--data", hands, "--margin", 3, "--json", "--quiet"]
    assert edgeproof("parity", *words, "--junit", junit) == 0
    names = [candidate["file"] for candidate in json.loads(edgeproof.out)["candidates"]]
    assert names == ["old/a/m.tflite", "new/a/m.tflite", "b/m.tflite", "rps-int8.onnx"]
    assert all(f'name="{name}"' in junit.read_text("utf-8") for name in names)
    twice = ["rps-fp32.tflite", files[0], tmp_path / "old/../old/a/m.tflite", "--data", hands]
    assert "expected candidates that differ, received one twice" in edgeproof.error("parity", *twice)


def test_the_interpreter_of_candidates_can_be_chosen(edgeproof: Command, hands: Path) -> None:
    words = ["--data", hands, "--margin", 3, "--json", "--quiet", "--threads", 1]
    assert edgeproof("parity", "rps-fp32.tflite", "rps-int8.onnx", *words, "--interpreter", "onnxruntime") == 0
    assert only(edgeproof)["interpreter"].startswith("onnxruntime ")
    line = edgeproof.error("parity", "rps-fp32.onnx", "rps-int8.tflite", *words, "--interpreter", "onnxruntime")
    assert "expected a .onnx file for onnxruntime, received a .tflite file" in line
    assert "rps-int8.tflite" in line


def test_options_mean_of_files_what_they_mean_of_networks(
    edgeproof: Command, models: Path, hands: Path, tmp_path: Path
) -> None:
    plain = tmp_path / "plain.onnx"
    plain.write_bytes(golden.foreign(models / "rps-fp32.onnx"))
    words = ["rps-fp32.onnx", plain, "--data", hands, "--json", "--quiet"]
    edgeproof("parity", *words, "--color", "bgr")
    assert only(edgeproof)["diagnosis"]["causes"][0]["suspect"] == "color order"
    edgeproof("parity", *words, "--activation", "softmax", "--size", "32", "--color", "rgb", "--range", "0..1")
    assert (only(edgeproof)["largest_deviation"], only(edgeproof)["agreement"]) == (0, 1)
    cases = {
        "expected --size 32x32, as the file takes it, received 48x48": ["--size", "48"],
        "expected 3 channels for rgb or bgr and 1 for gray": ["--color", "gray"],
    }
    for expected, given in cases.items():
        assert expected in edgeproof.error("parity", *words, *given)
    # Where every file says it itself, options would be believed to count.
    line = edgeproof.error("parity", "rps-fp32.onnx", "rps-int8.onnx", "--data", hands, "--range", "0..1", "--quiet")
    assert "expected --range with a model that has no contract" in line


def test_constants_among_the_nodes_are_no_layers(edgeproof: Command, models: Path, hands: Path, tmp_path: Path) -> None:
    """Other exporters keep weights in nodes of type Constant."""
    model = onnx.load_from_string(golden.foreign(models / "rps-fp32.onnx"))
    nodes = [onnx.helper.make_node("Constant", [], [tensor.name], value=tensor) for tensor in model.graph.initializer]
    rest = list(model.graph.node)
    del model.graph.node[:], model.graph.initializer[:]
    model.graph.node.extend([*nodes, *rest])
    reference = tmp_path / "constants.onnx"
    reference.write_bytes(model.SerializeToString())
    bad = damaged(models, Format.ONNX, tmp_path / "bad.onnx")
    words = ["--labels", "paper,rock,scissors", "--data", hands, "--json", "--quiet"]
    assert edgeproof("parity", reference, bad, *words) == 1
    assert only(edgeproof)["diagnosis"]["layers"][0]["snr"] < 6


def test_files_are_compared_without_what_networks_and_pages_need(models: Path, hands: Path) -> None:
    words = [str(models / name) for name in ("rps-fp32.tflite", "rps-int8.tflite")] + ["--data", str(hands)]
    code = f"""
import sys
from edgeproof.edge.cli import main
main(["parity", *{words!r}, "--margin", "3", "--quiet"])
print([name for name in ("tensorflow", "keras", "onnx", "onnxruntime", "jinja2", "matplotlib") if name in sys.modules])
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert ended.stdout.splitlines()[-1] == "[]"


def test_bad_input_is_one_line(edgeproof: Command, hands: Path, tmp_path: Path) -> None:
    two = tmp_path / "two"
    for label in ("rock", "paper"):
        shutil.copytree(hands / label, two / label)
    notes = tmp_path / "notes.txt"
    notes.write_text("no model")
    cases = {
        "pass --data": ["rps-fp32.tflite", "rps-int8.tflite"],
        "received paper, rock": ["rps-fp32.tflite", "rps-int8.tflite", "--data", two],
        "no such file": [tmp_path / "none.tflite", "rps-int8.tflite", "--data", hands],
        "without run.json": [tmp_path, "rps-int8.tflite", "--data", hands],
        "folder without run.json": ["rps-fp32.tflite", hands, "--data", hands],
        "received no such folder": ["rps-fp32.tflite", "rps-int8.tflite", "--data", tmp_path / "nowhere"],
        "notes.txt": [notes, "rps-int8.tflite", "--data", hands],
        "a group that names the photo": ["rps-fp32.tflite", "rps-int8.tflite", "--group", "a+", "--data", hands],
        "expected points from 0 to 100": ["rps-fp32.tflite", "rps-int8.tflite", "--margin", "-1"],
        "expected a model that takes numbers, received image": ["hello-fp32.onnx", "rps-int8.tflite"],
    }
    for expected, words in cases.items():
        assert expected in edgeproof.error("parity", *words, "--quiet")


def test_pictures_that_calibrated_a_file_do_not_judge_it(
    edgeproof: Command, run: Path, hands: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    given = tmp_path / "given"
    for index, file in enumerate(labelled_files(hands, hands)):
        side = given / ("calibration" if index % 2 else "evaluation") / file.label
        side.mkdir(parents=True, exist_ok=True)
        shutil.copy(hands / file.file, side)
    words = [run, "--int8", "--format", "tflite", "--calibration", given / "calibration"]
    edgeproof("export", *words, "--evaluate", given / "evaluation", "--out", out, "--quiet")
    model = out / "rps-int8.tflite"
    line = edgeproof.error("parity", "rps-fp32.tflite", model, "--data", given / "calibration", "--quiet")
    assert "expected pictures of other use, received none: 180 of 180 pictures calibrated a file" in line
    edgeproof("parity", "rps-fp32.tflite", model, "--data", hands, "--json", "--quiet")
    assert "pictures calibrated a file and are left out" in edgeproof.err
    assert json.loads(edgeproof.out)["dataset"]["n"] == len(labelled_files(given / "evaluation", given))


def test_training_pictures_named_to_judge_by_only_extend(
    edgeproof: Command, run: Path, hands: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    edgeproof("export", run, "--fp32", "--format", "tflite", "--evaluate", hands, "--out", out, "--json", "--quiet")
    (candidate,) = json.loads(edgeproof.out)["candidates"]
    _, split = run_directory.read(run)
    assert candidate["n_validation"] == len(split.validation)
    assert candidate["extension"]["n"] > 0
