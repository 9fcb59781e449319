"""Networks on either side of a comparison: run directories, and models made elsewhere."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import keras
import numpy as np
import pytest
import tensorflow as tf

from command import Command
from edgeproof.edge.classifier import Classifier
from edgeproof.edge.errors import InputError
from edgeproof.edge.folders import labelled_files
from edgeproof.export.parity.numbers import NumberJudge
from edgeproof.export.parity.verdict import Margins
from golden import LABELS

GIVEN = ("--labels", ",".join(LABELS), "--range", "0..1")
WIDE = ("--margin", "100", "--class-margin", "100")
SIDE = 32


@pytest.fixture
def edgeproof(capsys: pytest.CaptureFixture[str], models: Path) -> Command:
    return Command(capsys, models)


@pytest.fixture(scope="module")
def network(run: Path) -> Any:
    return keras.saving.load_model(run / "model.keras", compile=False)


def as_saved_model(network: Any, path: Path, added: Callable[[], Any] = lambda: 0.0) -> None:
    signature = [tf.TensorSpec((None, SIDE, SIDE, 3), tf.float32)]
    call = tf.function(lambda x: network(x, training=False) + added(), input_signature=signature)
    module = tf.Module()
    module.weights = network.weights
    tf.saved_model.save(module, str(path), signatures=call)


SAVED: dict[str, Callable[[Any, Path], None]] = {
    "elsewhere.keras": lambda network, path: network.save(path),
    "elsewhere.h5": lambda network, path: network.save(path),
    "elsewhere": as_saved_model,
}


@pytest.fixture(params=SAVED)
def elsewhere(request: pytest.FixtureRequest, network: Any, tmp_path: Path) -> Path:
    """The run's network, as somebody else would have saved it: without what it takes and answers."""
    path = tmp_path / str(request.param)
    SAVED[path.name](network, path)
    return path


def accuracy(network: Any, data: Path) -> float:
    """Answer pictures without any of our code between them and the network."""
    files = [
        (data / label / path.name, index) for index, label in enumerate(LABELS) for path in (data / label).iterdir()
    ]
    pixels = [cv2.cvtColor(cv2.resize(cv2.imread(str(path)), (SIDE, SIDE)), cv2.COLOR_BGR2RGB) for path, _ in files]
    answers = network(np.stack(pixels).astype(np.float32) / 255, training=False).numpy().argmax(1)
    return float(np.mean(answers == [index for _, index in files]))


def only(edgeproof: Command) -> dict[str, Any]:
    (candidate,) = json.loads(edgeproof.out)["candidates"]
    assert isinstance(candidate, dict)
    return candidate


def test_a_model_made_elsewhere_is_a_reference(
    edgeproof: Command, elsewhere: Path, network: Any, exported: Path, hands: Path
) -> None:
    words = [elsewhere, exported / "rps-fp32.tflite", *GIVEN, "--data", hands, "--margin", 3, "--json", "--quiet"]
    assert edgeproof("parity", *words) == 0
    report, candidate = json.loads(edgeproof.out), only(edgeproof)
    assert (report["reference"], report["labels"]) == (str(elsewhere), list(LABELS))
    assert (candidate["n"], candidate["n_disagreements"], candidate["agreement"]) == (360, 0, 1)
    assert candidate["largest_deviation"] <= 1e-4
    assert candidate["accuracy_reference"] == pytest.approx(accuracy(network, hands))


def test_a_model_made_elsewhere_is_taken_for_what_the_reference_is(
    edgeproof: Command, elsewhere: Path, exported: Path, hands: Path
) -> None:
    words = [exported / "rps-fp32.onnx", elsewhere, "--data", hands, "--margin", 3, "--json", "--quiet"]
    assert edgeproof("parity", *words) == 0
    candidate = only(edgeproof)
    assert (candidate["file"], candidate["n"], candidate["agreement"]) == (elsewhere.name, 360, 1)
    assert candidate["largest_deviation"] <= 1e-4
    assert candidate["interpreter"] == f"tensorflow {tf.__version__}"
    files = [elsewhere] if elsewhere.is_file() else [path for path in elsewhere.rglob("*") if path.is_file()]
    assert candidate["size"] == sum(path.stat().st_size for path in files)


def test_what_is_said_of_a_candidate_counts_and_the_detective_looks_into_networks_too(
    edgeproof: Command, network: Any, exported: Path, hands: Path, tmp_path: Path
) -> None:
    network.save(tmp_path / "elsewhere.keras")
    words = ["--range", "0..255", "--data", hands, "--json", "--quiet"]
    assert edgeproof("parity", exported / "rps-fp32.onnx", tmp_path / "elsewhere.keras", *words) == 1
    (cause,) = only(edgeproof)["diagnosis"]["causes"]
    assert (cause["suspect"], cause["agreement"]) == ("value range", 1)
    assert "scale pixels to 0..1 instead of 0..255" in cause["change"]


def test_a_run_is_a_candidate_without_what_it_was_trained_on(
    edgeproof: Command, run: Path, exported: Path, hands: Path
) -> None:
    words = [exported / "rps-fp32.tflite", run, "--data", hands, *WIDE, "--json"]
    assert edgeproof("parity", *words) == 0
    split = json.loads((run / "split.json").read_text())
    candidate = only(edgeproof)
    assert (candidate["file"], candidate["n"]) == (run.name, len(split["validation"]))
    assert candidate["agreement"] == 1
    assert candidate["largest_deviation"] <= 1e-4
    assert candidate["size"] == (run / "model.keras").stat().st_size
    assert f"warning: {len(split['train'])} of 360 pictures trained a candidate and are left out" in edgeproof.err


def test_a_run_is_held_against_another(edgeproof: Command, run: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(run, other)
    split = json.loads((other / "split.json").read_text())
    known, rest = split["validation"][::2], split["validation"][1::2]
    (other / "split.json").write_text(json.dumps({"train": [*split["train"], *known], "validation": rest}))
    assert edgeproof("parity", run, other, *WIDE, "--json", "--quiet") == 0
    candidate = only(edgeproof)
    assert (candidate["n"], candidate["n_validation"], candidate["extension"]) == (len(rest), len(rest), None)
    assert (candidate["confidence"], candidate["largest_deviation"] <= 1e-5) == (0.95, True)
    (other / "split.json").write_text(json.dumps({"train": split["train"] + split["validation"], "validation": []}))
    assert "pictures trained a candidate" in edgeproof.error("parity", run, other)


def test_logits_become_scores_and_a_fixed_batch_is_filled(
    edgeproof: Command, exported: Path, hands: Path, tmp_path: Path
) -> None:
    inputs = keras.Input(batch_shape=(4, None, None, 3))
    outputs = keras.layers.Dense(3)(keras.layers.GlobalAveragePooling2D()(inputs))
    keras.Model(inputs, outputs).save(tmp_path / "logits.keras")
    words = [tmp_path / "logits.keras", *GIVEN, "--size", "32", "--data", hands, *WIDE, "--json", "--quiet"]
    # Untrained, the reference proves nothing; yet it is its own twin.
    assert edgeproof("parity", tmp_path / "logits.keras", *words) == 3
    candidate = only(edgeproof)
    assert (candidate["agreement"], candidate["largest_deviation"] <= 1e-5) == (1, True)
    # A candidate that takes any size is given the reference's.
    edgeproof("parity", exported / "rps-fp32.onnx", words[0], "--data", hands, *WIDE, "--json", "--quiet")
    candidate = only(edgeproof)
    assert candidate["n"] == 360
    assert candidate["agreement"] < 0.9


def test_a_regression_is_held_against_a_run(edgeproof: Command, tmp_path: Path) -> None:
    assert edgeproof("train", "hello", "--epochs", 5, "--out", tmp_path / "hello", "--quiet") == 0
    assert edgeproof("parity", tmp_path / "hello", tmp_path / "hello", "--json", "--quiet") == 0
    candidate = only(edgeproof)
    assert candidate["largest_deviation"] <= 1e-5
    assert candidate["n_disagreements"] is None
    model = keras.saving.load_model(tmp_path / "hello" / "model.keras", compile=False)
    low, high = json.loads((tmp_path / "hello" / "run.json").read_text())["input"]["range"]
    ends = model(np.array([[low], [high]], np.float32)).numpy()
    assert candidate["allowed_deviation"] == pytest.approx(0.01 * float(np.ptp(ends)), rel=1e-4)


def test_regressions_of_several_numbers_are_no_match_for_one(models: Path) -> None:
    samples = np.linspace(0, 1, 5, dtype=np.float32)[:, None]
    judge = NumberJudge(samples, lambda numbers: np.repeat(numbers, 2, axis=1), Margins())
    with pytest.raises(InputError, match=r"expected 2 number\(s\) for an answer, received 1: hello"):
        judge.judge("hello", Classifier.open(models / "hello-fp32.onnx"))


def test_bad_models_are_one_line(edgeproof: Command, network: Any, run: Path, hands: Path, tmp_path: Path) -> None:
    plain = tmp_path / "plain.keras"
    network.save(plain)
    as_saved_model(network, tmp_path / "reader", lambda: tf.cast(tf.io.read_file("none") == "", tf.float32))
    (tmp_path / "unreadable" / "paper").mkdir(parents=True)
    for label in LABELS:
        (tmp_path / "unreadable" / label).mkdir(exist_ok=True)
        (tmp_path / "unreadable" / label / "a.jpg").write_text("no picture")
    file, data = "rps-fp32.tflite", ("--data", hands)
    cases = {
        "the order of the folders: --labels paper,rock,scissors": [plain, file, *data],
        "expected --range": [plain, file, *GIVEN[:2], *data],
        "received none; pass --data": [plain, file, *GIVEN],
        "expected 3 labels for 3 output(s), received 2": [plain, file, "--labels", "paper,rock", *GIVEN[2:], "--data"],
        "expected the reference's labels paper, rock, scissors": [file, run, *data],
        "ReadFile": [tmp_path / "reader", file, *GIVEN, *data],
        "expected a picture that OpenCV can decode": [plain, file, *GIVEN, "--data", tmp_path / "unreadable"],
        "without run.json": [file, tmp_path, *data],
        "expected a .tflite or .onnx file for --interpreter": [file, run, *data, "--interpreter", "litert"],
        "expected a model that takes numbers, received one without a contract": ["hello-fp32.onnx", plain],
        "expected --size 32x32": [file, plain, *data, "--size", "48"],
    }
    two = tmp_path / "two"
    for label in ("paper", "rock"):
        shutil.copytree(hands / label, two / label)
    cases["expected 3 labels for 3 output(s), received 2"].append(two)
    other = tmp_path / "other"
    shutil.copytree(run, other)
    record = json.loads((other / "run.json").read_text())
    record["labels"] = ["paper", "rock", "lizard"]
    (other / "run.json").write_text(json.dumps(record))
    split = json.loads((other / "split.json").read_text())
    kept = {side: [entry for entry in split[side] if entry["label"] != "scissors"] for side in split}
    (other / "split.json").write_text(json.dumps({**kept, "train": kept["train"][:9]}))
    cases["expected the reference's labels paper, rock, scissors"][1] = other
    for expected, words in cases.items():
        assert expected in edgeproof.error("parity", *words, "--quiet"), expected


def test_a_trusted_graph_is_a_reference(edgeproof: Command, network: Any, hands: Path, tmp_path: Path) -> None:
    (tmp_path / "zero").write_text("")

    def read() -> Any:
        return tf.cast(tf.strings.length(tf.io.read_file(str(tmp_path / "zero"))), tf.float32)

    as_saved_model(network, tmp_path / "reader", read)
    words = ["rps-int8.tflite", *GIVEN, "--data", hands, *WIDE, "--quiet"]
    assert "pass --trust" in edgeproof.error("parity", tmp_path / "reader", *words)
    assert edgeproof("parity", tmp_path / "reader", *words, "--trust") == 0


def test_a_class_without_a_readable_picture_is_named(edgeproof: Command, hands: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    for file in labelled_files(hands, hands)[::6]:
        (data / file.label).mkdir(parents=True, exist_ok=True)
        target = data / file.file
        if file.label == "rock":
            target.write_text("no picture")
        else:
            shutil.copy(hands / file.file, target)
    line = edgeproof.error("parity", "rps-fp32.tflite", "rps-int8.tflite", "--data", data, "--quiet")
    assert "expected readable pictures of every class, received none of rock" in line
