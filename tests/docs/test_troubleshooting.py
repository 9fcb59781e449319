"""docs/troubleshooting.md: each of its commands, run where the fault is, prints the line that the page quotes."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from defects.tflite import saturated

import golden
import pages
from edgeproof.edge import cli, modelfile
from edgeproof.edge.preprocess import Pixels

Seed = Callable[[Path, Path, Path], dict[str, str]]  # folder, golden models, hands → what to set in the environment
PAGE = (pages.DOCS / "troubleshooting.md").read_text("utf-8")
ENTRIES = [section for section in pages.sections(PAGE) if section.level == 2]
_CODE = re.compile(r"exit code (\d)", re.IGNORECASE)
_CAMERA = re.compile(r"( run \S+) 0\b")
_INTERPRETERS = ("ai_edge_litert", "tflite_runtime", "onnxruntime")


def saturated_file(folder: Path, models: Path, _: Path) -> dict[str, str]:
    """The int8 file with a layer in its middle that ends at a fifteenth of its range."""
    file = modelfile.read(models / "rps-int8.tflite")
    assert file.contract is not None
    damaged = saturated(file.model, 4, 15)
    (folder / "rps-int8.tflite").write_bytes(modelfile.assemble(file.format, damaged, file.contract, {}))
    return {}


def file_of_others(folder: Path, models: Path, _: Path) -> dict[str, str]:
    (folder / "theirs.tflite").write_bytes(golden.foreign(models / "rps-fp32.tflite"))
    return {}


def model_of_keras_2(folder: Path, _: Path, hands: Path) -> dict[str, str]:
    """A network of the blocks of a MobileNet as Teachable Machine saves it, which has learned a little."""
    import legacy
    from legacy import keras, layers

    keras.utils.set_random_seed(0)
    inputs = tensor = keras.Input((32, 32, 3))
    for filters in (16, 32):
        tensor = layers.Conv2D(filters, 3, 2, padding="same", use_bias=False)(tensor)
        tensor = layers.ReLU(6.0)(layers.BatchNormalization(momentum=0.8)(tensor))
        tensor = layers.ReLU(6.0)(layers.DepthwiseConv2D(3, padding="same", use_bias=False)(tensor))
    model = legacy.teachable(keras.Model(inputs, tensor))
    model.compile("adam", "categorical_crossentropy")
    paths = [(path, index) for index, label in enumerate(golden.LABELS) for path in sorted((hands / label).iterdir())]
    answers = np.eye(len(golden.LABELS))[[index for _, index in paths]]
    model.fit(np.stack([in_the_middle(path) for path, _ in paths]), answers, epochs=8, batch_size=16, verbose=0)
    legacy.save(model, folder / "keras_model.h5")
    (folder / "labels.txt").write_text("".join(f"{index} {label}\n" for index, label in enumerate(golden.LABELS)))
    return {}


def in_the_middle(path: Path) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Prepare a picture as Teachable Machine does: the middle, from −1 to 1, in RGB."""
    picture = cv2.imread(str(path))
    assert picture is not None
    height, width = picture.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    resized = cv2.resize(picture[top : top + side, left : left + side], (32, 32))
    return (resized[..., ::-1].astype(np.float32) / 127.5 - 1).astype(np.float32)


def weights_alone(folder: Path, _: Path, __: Path) -> dict[str, str]:
    from legacy import keras, layers

    keras.Sequential([layers.Dense(3, input_shape=(4,))]).save_weights(folder / "weights.h5")
    (folder / "labels.txt").write_text("".join(f"{label}\n" for label in golden.LABELS))
    return {}


def no_interpreter(folder: Path, _: Path, __: Path) -> dict[str, str]:
    """Python is told at its start that these packages are not there."""
    hidden = folder / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text(f"import sys\nsys.modules.update(dict.fromkeys({_INTERPRETERS}))\n")
    return {"PYTHONPATH": str(hidden)}


def future_opset(folder: Path, models: Path, _: Path) -> dict[str, str]:
    """The ModelProto's own opset_import, {domain "", version 17}, raised to 99."""
    file = modelfile.read(models / "rps-int8.onnx")
    assert file.contract is not None
    assert file.contract.provenance is not None
    entry = b"\x42\x04\x0a\x00\x10\x11"
    assert file.model.count(entry) == 1
    network = file.model.replace(entry, b"\x42\x04\x0a\x00\x10\x63")
    provenance = replace(file.contract.provenance, minimum_runtime="ONNX opset 99")
    frames = {name: content for name, content in file.members.items() if name.startswith("golden/")}
    contract = replace(file.contract, provenance=provenance)
    (folder / "rps-int8.onnx").write_bytes(modelfile.assemble(file.format, network, contract, frames))
    return {}


def strangers(folder: Path, _: Path, __: Path) -> dict[str, str]:
    """Drawings of a ball, a cup and a wall."""
    (folder / "strangers").mkdir()
    wall: Pixels = np.full((480, 640, 3), (196, 205, 210), np.uint8)
    ball, cup = wall.copy(), wall.copy()
    cv2.circle(ball, (320, 240), 120, (80, 160, 220), -1)
    cv2.rectangle(cup, (250, 180), (400, 380), (60, 60, 200), -1)
    cv2.ellipse(cup, (410, 280), (50, 60), 0, -90, 90, (60, 60, 200), 22)
    for name, picture in {"ball": ball, "cup": cup, "wall": wall}.items():
        cv2.imwrite(str(folder / f"strangers/{name}.png"), picture)
    return {}


def nothing(_: Path, __: Path, ___: Path) -> dict[str, str]:
    """The fault is this machine's already: no desktop, no picamera2; or there is none, and figures are shown."""
    return {}


SEEDS: dict[str, Seed] = {
    "The int8 file is much worse than the network": saturated_file,
    "Red and blue are swapped": file_of_others,
    "Pixels are scaled otherwise than in training": file_of_others,
    "Keras 3 refuses a model": model_of_keras_2,
    "An old .h5 file does not open": weights_alone,
    "There is no interpreter for this device": no_interpreter,
    "The camera of the Pi gives nothing": nothing,
    "Answers lag behind the camera": nothing,
    "There is no window": nothing,
    "The int8 file is no faster": nothing,
    "The runtime is too old for the file": future_opset,
    "A cup is rock": strangers,
}


@pytest.fixture
def folder(models: Path, hands: Path, tmp_path: Path) -> Path:
    """Where the page's commands are given: with healthy files, and photos, under the names that it uses."""
    for model in golden.RPS:
        shutil.copy(models / model, tmp_path)
    shutil.copytree(hands, tmp_path / "photos/validation")
    return tmp_path


def without_a_camera(command: str) -> str:
    """Take generated hands in the place of camera 0, which ends."""
    return _CAMERA.sub(r"\1 hands:30", command)


def given(command: str, folder: Path, variables: dict[str, str]) -> tuple[int, str]:
    """Run a command as a shell would; gives its exit code and all that it prints."""
    environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    done = subprocess.run(  # noqa: S603 - the page's own words
        ["sh", "-c", command],  # noqa: S607
        cwd=folder,
        env=environment | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=1200,
    )
    return done.returncode, done.stdout


def occurs(quoted: str, printed: str) -> bool:
    """Tell whether a quoted line is, or begins within, one that was printed; … stands for anything."""
    parts = [r"[^\S\n]+".join(map(re.escape, part.split(" "))) for part in quoted.split("…")]
    return re.search("[^\n]*".join(parts), printed) is not None


def test_every_entry_has_a_fault_to_be_found() -> None:
    assert [entry.title for entry in ENTRIES] == list(SEEDS)


def given_here(command: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Run a command in this process, which has loaded TensorFlow already; as `given` otherwise."""
    capsys.readouterr()
    code = cli.main(shlex.split(command)[1:])
    return code, "".join(capsys.readouterr())


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.title)
def test_the_command_of_an_entry_tells(
    entry: pages.Section,
    folder: Path,
    models: Path,
    hands: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked, shown = entry.blocks
    assert (asked.language, shown.language) == ("sh", "text")
    assert entry.text.rstrip().endswith("```")
    (command,) = pages.commands(asked.text)
    is_export = command.startswith("edgeproof export ")
    if is_export:
        pytest.importorskip("tf_keras", reason="Keras 2, which writes such files, is not installed")
        monkeypatch.chdir(folder)
    variables = SEEDS[entry.title](folder, models, hands)
    code, printed = given_here(command, capsys) if is_export else given(without_a_camera(command), folder, variables)
    assert code == int(_CODE.findall(asked.before)[-1]), printed
    for line in shown.text.splitlines():
        assert occurs(line, printed), f"{line}\n---\n{printed}"


def test_a_quoted_line_that_is_not_printed_is_noticed() -> None:
    assert occurs("lost … points of 5", "model: lost 20.00 points of 5.00 allowed\n")
    assert not occurs("lost … points of 5", "lost 3\npoints of 5")
    assert not occurs("lost … points of 6", "lost 20.00 points of 5.00")


def test_files_with_red_and_blue_swapped_are_turned_by_the_words_of_the_page(tmp_path: Path) -> None:
    photo = tmp_path / "photos/rock/1.jpg"
    photo.parent.mkdir(parents=True)
    cv2.imwrite(str(photo), np.full((32, 32, 3), (200, 100, 40), np.uint8))
    entry = next(entry for entry in ENTRIES if entry.title == "Red and blue are swapped")
    (command,) = re.findall(r"`(python -c [^`]*)`", entry.text)
    code, printed = given(" ".join(command.split()), tmp_path, {})
    assert (code, printed) == (0, "")
    turned = cv2.imread(str(photo))
    assert turned is not None
    assert np.abs(turned.mean((0, 1)) - (40, 100, 200)).max() < 3
