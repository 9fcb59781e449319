"""Models made elsewhere that cannot be exported: one line says why, and nothing is left."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import keras as keras3
import pytest
import tensorflow as tf

from edgeproof.edge import run_directory
from edgeproof.edge.cli import main
from edgeproof.edge.folders import sha256_of
from edgeproof.edge.run_directory import CALIBRATION, EVALUATION, PARITY
from edgeproof.export.candidates import Workshop
from elsewhere import LABELS, WIDE, two


def error(capsys: pytest.CaptureFixture[str], folder: Path, *words: object) -> str:
    """Export what must be refused: exit code 2, one line, and a folder that is as it was."""
    before = sorted((path, path.stat().st_mtime_ns) for path in folder.rglob("*"))
    assert main(["export", *map(str, words), "--quiet"]) == 2
    out, err = capsys.readouterr()
    lines = [line for line in err.splitlines() if not line.startswith("warning: ")]
    assert out == ""
    assert len(lines) == 1, lines
    assert lines[0].isprintable()
    assert sorted((path, path.stat().st_mtime_ns) for path in folder.rglob("*")) == before
    return lines[0]


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A tiny network in a folder of its own."""
    folder = tmp_path / "small"
    folder.mkdir()
    save(folder, keras3.Input((8, 8, 3)))
    return folder / "model.keras"


def save(folder: Path, inputs: Any, units: int = 3, activation: str | None = "softmax") -> Path:
    outputs = keras3.layers.Dense(units, activation=activation)(keras3.layers.GlobalAveragePooling2D()(inputs))
    keras3.Model(inputs, outputs).save(folder / "model.keras")
    return folder / "model.keras"


GIVEN = ("--labels", ",".join(LABELS), "--range", "0..1", "--int8")


def test_what_is_missing_is_said(small: Path, hands: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = ("--calibration", hands)
    cases = {
        "expected --labels in the order of the network's outputs, received none; if that is the order of the folders: "
        "--labels paper,rock,scissors": ("--range", "0..1", "--int8", *data),
        "expected --range": ("--labels", "paper,rock,scissors", "--int8", *data),
        "pass --calibration FOLDER with one folder per class": GIVEN,
        "expected --calibration FOLDER for --int8": (*GIVEN, "--evaluate", hands),
        "pass --evaluate": (*GIVEN, "--calibration", hands / "rock"),
        "expected --calibration or --evaluate for a model made elsewhere": (*GIVEN, "--data", hands),
        "expected at least one precision": ("--labels", "a,b,c", *data),
    }
    for words, given in cases.items():
        assert words in error(capsys, small.parent, small, *given), words


def test_what_does_not_fit_is_said(
    small: Path, hands: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    data = ("--calibration", hands)
    cases = {
        "expected one folder for each label (paper, rock, lizard), received paper, rock, scissors": (
            *("--labels", "paper,rock,lizard", "--range", "0..1", "--int8"),
            *data,
        ),
        "expected 3 labels for 3 output(s), received 2": (
            *("--labels", "paper,rock", "--range", "0..1", "--int8"),
            *("--calibration", two(hands, tmp_path)),
        ),
        "expected --activation softmax, as the last layer has it, received sigmoid": (
            *GIVEN,
            *data,
            *("--activation", "sigmoid"),
        ),
        "expected --size 8x8, as the network takes it, received 9x9": (*GIVEN, *data, "--size", "9"),
        "expected --color for 3 channels, received gray": (*GIVEN, *data, "--color", "gray"),
        "which is": (*GIVEN, *data, "--evaluate", hands),
        "expected calibration pictures, received none": (*GIVEN, "--calibration", tmp_path / "empty"),
        "no such folder": (*GIVEN, "--calibration", tmp_path / "nowhere"),
        "expected a folder that can be written to": (*GIVEN, *data, "--out", tmp_path / "file"),
        "expected a name fit for a file, received '../x'": (*GIVEN, *data, "--name", "../x"),
    }
    for words, given in cases.items():
        assert words in error(capsys, small.parent, small, *given), words


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ((3, 8, 8), "expected channels last, received an input of (3, 8, 8)"),
        ((8, 8, 4), "expected an input of (height, width, 1 or 3), received (8, 8, 4)"),
        ((None, None, 3), "expected --size for a network that takes pictures of any size"),
    ],
)
def test_other_inputs_are_refused(
    shape: tuple[int | None, ...], words: str, hands: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = save(tmp_path, keras3.Input(shape))
    assert words in error(capsys, tmp_path, path, *GIVEN, "--calibration", hands)


@pytest.mark.parametrize(
    ("units", "activation", "labels", "words"),
    [
        (1, "softmax", "paper,rock", "expected several outputs of a softmax, received 1"),
        (2, "sigmoid", "paper,rock", "received 2 of sigmoid"),
    ],
)
def test_outputs_that_are_no_scores_are_refused(
    units: int,
    activation: str,
    labels: str,
    words: str,
    hands: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = save(tmp_path, keras3.Input((8, 8, 3)), units, activation)
    data = two(hands, tmp_path)
    given = ("--labels", labels, "--range", "0..1", "--int8", "--calibration", data)
    assert words in error(capsys, tmp_path, path, *given)


def test_maps_of_scores_are_refused(hands: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    inputs = keras3.Input((8, 8, 3))
    keras3.Model(inputs, keras3.layers.Conv2D(3, 3)(inputs)).save(tmp_path / "map.keras")
    line = error(capsys, tmp_path, tmp_path / "map.keras", *GIVEN, "--calibration", hands)
    assert "expected outputs of shape (1, units), received (1, 6, 6, 3)" in line


def test_a_saved_model_that_goes_on_augmenting_is_refused(
    hands: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = keras3.Sequential(
        [keras3.Input((8, 8, 3)), keras3.layers.RandomContrast(0.9), keras3.layers.Flatten(), keras3.layers.Dense(3)]
    )
    model.export(str(tmp_path / "saved"), verbose=False)
    line = error(capsys, tmp_path, tmp_path / "saved", *GIVEN, "--calibration", hands)
    assert "expected a network that answers a picture alike every time" in line


def test_operators_that_tflite_lacks_are_refused(
    hands: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    module = tf.Module()
    signature = [tf.TensorSpec((None, 8, 8, 3), tf.float32)]
    call = tf.function(lambda x: tf.nn.softmax(tf.math.erf(tf.reduce_mean(x, [1, 2]))), input_signature=signature)
    tf.saved_model.save(module, str(tmp_path / "saved"), signatures=call)
    line = error(capsys, tmp_path, tmp_path / "saved", *GIVEN, "--calibration", hands)
    assert "expected a network of TFLite builtin operators" in line
    assert "Erf" in line


def test_options_of_models_made_elsewhere_are_none_of_a_run(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "expected --labels, --range with a model made elsewhere" in error(capsys, run, run, *GIVEN)


def test_a_run_may_be_judged_by_other_pictures(run: Path, hands: Path, tmp_path: Path) -> None:
    shutil.copytree(run, tmp_path / "run")
    sides = parted(hands, tmp_path)
    words = ["--int8", "--format", "tflite", "--out", str(tmp_path / "out"), *WIDE]
    given = ["--calibration", str(sides[0]), "--evaluate", str(sides[1])]
    assert main(["export", str(tmp_path / "run"), *words, *given]) == 0
    used = {name: json.loads((tmp_path / "out" / name).read_text()) for name in (CALIBRATION, EVALUATION)}
    assert [used[name]["data"] for name in (CALIBRATION, EVALUATION)] == [str(side) for side in sides]
    # Of the 60 pictures to judge by, the run was trained on some: those only help to compare the two models.
    _, split = run_directory.read(run)
    trained = {file.sha256 for file in split.train}
    unseen = sum(sha256_of(path) not in trained for path in sides[1].rglob("*.jpg"))
    assert 0 < unseen < 60
    assert len(used[EVALUATION]["files"]) == unseen
    (candidate,) = json.loads((tmp_path / "out" / PARITY).read_text())["candidates"]
    assert (candidate["n_validation"], candidate["extension"]["n"]) == (unseen, 60 - unseen)
    assert not list((tmp_path / "run").glob("*.tflite"))


def parted(hands: Path, tmp_path: Path) -> list[Path]:
    sides = [tmp_path / "left", tmp_path / "right"]
    for label in LABELS:
        for index, path in enumerate(sorted((hands / label).iterdir())[:40]):
            target = sides[index % 2] / label / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    return sides


@pytest.fixture
def ready(small: Path, hands: Path) -> list[object]:
    """A command that would succeed."""
    return [small, *GIVEN, "--format", "tflite", "--calibration", hands, *WIDE[:-1]]


@pytest.mark.parametrize("after", [0, 1, 2, 3])
def test_a_full_disk_leaves_nothing(
    after: int, ready: list[object], small: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write, written = Path.write_bytes, []

    def write_until_full(path: Path, data: bytes) -> int:
        if path.parent == small.parent:
            written.append(path)
            if len(written) > after:
                raise OSError(28, "No space left on device")
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", write_until_full)
    assert "No space left on device" in error(capsys, small.parent, *ready)
    assert len(written) == after + 1


@pytest.mark.parametrize("step", ["make", "finish"])
def test_an_interrupted_export_leaves_nothing(
    step: str, ready: list[object], small: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Workshop, step, interrupt)
    assert "interrupted; nothing half-written is left" in error(capsys, small.parent, *ready)
