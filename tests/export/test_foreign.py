"""Models made elsewhere, the whole way: from their files and a folder of pictures to files that answer alike."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import cv2
import keras as keras3
import numpy as np
import pytest
from numpy.typing import NDArray

import legacy
from edgeproof.edge import modelfile
from edgeproof.edge.classifier import Classifier
from edgeproof.edge.cli import main
from edgeproof.edge.contract import Activation, Color, ImageInput, Resize
from edgeproof.edge.preprocess import read_image
from edgeproof.edge.run_directory import CALIBRATION, EVALUATION, PARITY
from elsewhere import LABELS, WIDE
from legacy import keras, layers

ASKED = ("--range", "-1..1", "--resize", "center-crop")
SIDE = 32


def cropped(path: Path) -> NDArray[np.float32]:
    """Prepare a picture as the examples of Teachable Machine do: the middle, resized, from -1 to 1."""
    picture = cv2.imread(str(path))
    assert picture is not None
    height, width = picture.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    resized = cv2.resize(picture[top : top + side, left : left + side], (SIDE, SIDE))
    return (resized[..., ::-1].astype(np.float32) / 127.5 - 1).astype(np.float32)


def features() -> Any:
    """A small network of the blocks of a MobileNet."""
    inputs = keras.Input((SIDE, SIDE, 3))
    tensor = inputs
    for filters in (16, 32):
        tensor = layers.Conv2D(filters, 3, padding="same", use_bias=False)(tensor)
        tensor = layers.ReLU(6.0)(layers.BatchNormalization(momentum=0.8)(tensor))
        tensor = layers.DepthwiseConv2D(3, strides=2, padding="same", use_bias=False)(tensor)
        tensor = layers.ReLU(6.0)(layers.BatchNormalization(momentum=0.8)(tensor))
    return keras.Model(inputs, tensor)


@pytest.fixture(scope="module")
def teachable(hands: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model as Teachable Machine leaves it, with its labels.txt, trained on generated hands by Keras 2."""
    folder = tmp_path_factory.mktemp("teachable")
    keras.utils.set_random_seed(0)
    model = legacy.teachable(features())
    model.compile("adam", "categorical_crossentropy")
    files = [(path, index) for index, label in enumerate(LABELS) for path in sorted((hands / label).iterdir())]
    samples = np.stack([cropped(path) for path, _ in files])
    model.fit(samples, np.eye(3)[[index for _, index in files]], epochs=14, batch_size=16, verbose=0)
    legacy.save(model, folder / "keras_model.h5")
    model.save(folder / "saved", save_format="tf")
    (folder / "labels.txt").write_text("".join(f"{index} {label}\n" for index, label in enumerate(LABELS)))
    return folder


@pytest.fixture
def copy(teachable: Path, tmp_path: Path) -> Path:
    shutil.copytree(teachable, tmp_path / "model")
    return tmp_path / "model"


def answers_alike(folder: Path, name: str, source: Path, hands: Path) -> None:
    """Hold exported files against Keras 2, on pictures prepared as that model's own example does it."""
    paths = [path for label in LABELS for path in sorted((hands / label).iterdir())[::8]]
    expected = legacy.answers(source, np.stack([cropped(path) for path in paths]))
    assert set(expected.argmax(1)) == {0, 1, 2}
    for file, tolerance in {"fp32.tflite": 1e-4, "fp32.onnx": 1e-4, "int8.tflite": 0.15, "int8.onnx": 0.15}.items():
        classifier = Classifier.open(folder / f"{name}-{file}")
        scores = np.stack([classifier.classify(read_image(path)).scores for path in paths])
        assert np.abs(scores - expected).max() <= tolerance, file
        agreeing = float((scores.argmax(1) == expected.argmax(1)).mean())
        assert agreeing >= (1 if tolerance < 0.01 else 0.95), file


def test_a_teachable_machine_goes_the_whole_way(copy: Path, hands: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--labels", copy / "labels.txt", *ASKED, "--calibration", hands, "--int8", "--fp32", "--margin", "20"]
    assert main(["export", str(copy / "keras_model.h5"), *map(str, words), "--class-margin", "50"]) == 0
    assert "repaired what Keras 3 refuses: " in capsys.readouterr().err
    answers_alike(copy, "keras_model", copy / "keras_model.h5", hands)
    contract = modelfile.read(copy / "keras_model-int8.tflite").contract
    assert contract is not None
    assert contract.output.labels == LABELS
    assert contract.output.activation is Activation.SOFTMAX
    assert isinstance(contract.input, ImageInput)
    assert (contract.input.range, contract.input.resize) == ((-1.0, 1.0), Resize.CENTER_CROP)
    assert contract.proof is not None
    assert contract.proof.reference == "keras_model.h5"
    used = {name: json.loads((copy / name).read_text())["files"] for name in (CALIBRATION, EVALUATION)}
    sides = [{file["sha256"] for file in files} for files in used.values()]
    assert not sides[0] & sides[1]
    assert min(map(len, sides)) >= 50
    report = json.loads((copy / PARITY).read_text())
    assert report["reference"] == "keras_model.h5"
    judged = used[EVALUATION]
    expected = legacy.answers(copy / "keras_model.h5", np.stack([cropped(hands / file["file"]) for file in judged]))
    right = np.mean([LABELS[index] == file["label"] for index, file in zip(expected.argmax(1), judged, strict=True)])
    assert report["candidates"][0]["accuracy_reference"] == pytest.approx(right)
    assert right > 0.5


def test_a_saved_model_goes_the_same_way(copy: Path, hands: Path, tmp_path: Path) -> None:
    words = [
        "--labels",
        ",".join(LABELS),
        *ASKED,
        "--calibration",
        hands,
        "--int8",
        "--fp32",
        "--out",
        tmp_path / "out",
    ]
    assert main(["export", str(copy / "saved"), *map(str, words), "--name", "hand", *WIDE]) == 0
    answers_alike(tmp_path / "out", "hand", copy / "keras_model.h5", hands)
    assert sorted(path.name for path in (copy / "saved").iterdir() if "hand" in path.name) == []


def test_a_keras_file_of_any_size_with_its_scaling_inside(hands: Path, tmp_path: Path) -> None:
    """Logits, pixels of 0..255 in BGR, and a height and width that are left open."""
    inputs = keras3.Input((None, None, 3))
    tensor = keras3.layers.Rescaling(1 / 255)(inputs)
    tensor = keras3.layers.Conv2D(8, 3, activation="relu")(tensor)
    outputs = keras3.layers.Dense(3)(keras3.layers.GlobalMaxPooling2D()(tensor))
    model = keras3.Model(inputs, outputs)
    model.save(tmp_path / "any size!.keras")
    words = ["--labels", ",".join(LABELS), "--range", "0..255", "--color", "bgr", "--size", "24x40", "--fp32"]
    path = str(tmp_path / "any size!.keras")
    assert main(["export", path, *words, "--evaluate", str(hands), *WIDE]) == 3  # it was not trained
    picture = read_image(sorted((hands / "rock").iterdir())[0])
    logits = np.asarray(model(cv2.resize(picture, (40, 24))[None].astype(np.float32)))[0]
    expected = np.exp(logits) / np.exp(logits).sum()
    for suffix in ("tflite", "onnx"):
        classifier = Classifier.open(tmp_path / f"any-size-fp32.{suffix}")
        assert isinstance(classifier.contract.input, ImageInput)
        assert classifier.contract.input.color is Color.BGR
        assert classifier.contract.input.shape == (24, 40, 3)
        assert classifier.contract.output.activation is Activation.SOFTMAX
        assert np.abs(classifier.classify(picture).scores - expected).max() <= 1e-4
    assert not (tmp_path / CALIBRATION).exists()


def test_one_sigmoid_and_gray_pictures(hands: Path, tmp_path: Path) -> None:
    data = tmp_path / "two"
    for label in ("paper", "rock"):
        shutil.copytree(hands / label, data / label)
    model = keras3.Sequential(
        [keras3.Input((8, 8, 1)), keras3.layers.Flatten(), keras3.layers.Dense(1, activation="sigmoid")]
    )
    model.save(tmp_path / "gray.keras")
    words = ["--labels", "paper,rock", "--range", "0..1", "--calibration", str(data), "--int8", *WIDE]
    assert main(["export", str(tmp_path / "gray.keras"), *words]) in (0, 3)
    contract = modelfile.read(tmp_path / "gray-int8.tflite").contract
    assert contract is not None
    assert contract.output.activation is Activation.SIGMOID
    assert isinstance(contract.input, ImageInput)
    assert contract.input.color is Color.GRAY
