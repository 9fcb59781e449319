"""What cannot be done is one line, before any picture is decoded, and leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import keras
import pytest

from command import Command
from edgeproof.edge import run_directory
from edgeproof.train import hardware


@pytest.fixture
def train(capsys: pytest.CaptureFixture[str], models: Path) -> Command:
    return Command(capsys, models)


@pytest.mark.parametrize(
    "words",
    [
        ["--data", "hands:30"],
        ["--validation", "hands:30"],
        ["--size", "9"],
        ["--color", "gray"],
        ["--augment"],
        ["--no-augment"],
        ["--show-augmentation"],
        ["--strict"],
        ["--head", "gap"],
        ["--backbone", "mobilenet-v2"],
        ["--weights", "imagenet"],
        ["--weights-range", "0..1"],
        ["--trust"],
        ["--patience", "3"],
        ["--cache-features"],
        ["--resume"],
        ["--tensorboard"],
        ["--mixed-precision"],
        ["--no-xla"],
        ["--devices", "2"],
    ],
    ids=lambda words: words[0],
)
def test_hello_refuses_what_would_change_nothing(train: Command, tmp_path: Path, words: list[str]) -> None:
    line = train.error("train", "hello", "--out", tmp_path / "run", "--quiet", *words)
    option = "--augment" if words[0] == "--no-augment" else words[0].replace("--no-", "--")
    assert line == f"error: expected no {option} for hello, which learns from its own numbers; leave it out"
    assert not (tmp_path / "run").exists()


def test_choices_are_refused_before_pictures_are_decoded(
    train: Command, hands: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from edgeproof.train import training

    monkeypatch.setattr(training, "decode_side", None)  # to call it would be a TypeError
    cases = {
        "--weights, --weights-range and --trust with transfer or inception only": ["rps", "--trust"],
        "expected --head flatten for fashion-dense": ["fashion-dense", "--head", "gap"],
        "expected the model transfer with --backbone mobilenet-v2": ["inception", "--backbone", "mobilenet-v2"],
        "expected a file of weights, received none": ["transfer", "--weights", str(tmp_path / "none.h5")],
        "expected --cache-features with transfer": ["cats-dogs", "--cache-features"],
        "expected a larger picture": ["rps", "--size", "8"],
        "expected a whole number from 1 to 1000000": ["rps", "--epochs", "9" * 30],
        "expected a whole number from 1 to 256": ["rps", "--devices", "1000000"],
        "expected --resume or --overwrite, received both": ["rps", "--resume", "--overwrite"],
    }
    for expected, (model, *words) in cases.items():
        line = train.error("train", model, "--data", hands, "--out", tmp_path / "run", "--quiet", *words)
        assert expected in line
    assert not (tmp_path / "run").exists()


def test_another_model_does_not_go_on_with_a_finished_run(train: Command, hands: Path, run: Path) -> None:
    line = train.error("train", "cats-dogs", "--data", hands, "--out", run, "--resume", "--quiet")
    assert "expected to go on with rps, received cats-dogs" in line


def test_a_checkpoint_outlives_a_mistake(train: Command, tmp_path: Path) -> None:
    checkpoint = tmp_path / run_directory.CHECKPOINT
    checkpoint.write_bytes(b"hours of work")
    train.error("train", "rps", "--data", tmp_path / "mistyped", "--out", tmp_path, "--overwrite", "--quiet")
    assert checkpoint.read_bytes() == b"hours of work"


def test_a_loss_that_is_no_number_at_the_end_is_one_line(train: Command, tmp_path: Path) -> None:
    # The last loss of the samples can still be told in float32, the one of the larger numbers behind them cannot.
    words = ["--epochs", "19", "--learning-rate", "1", "--out", tmp_path / "run", "--quiet"]
    assert "expected a training that converges" in train.error("train", "hello", *words)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("RESOURCE_EXHAUSTED: Out of memory")])
def test_the_end_of_memory_is_one_line(error: Exception) -> None:
    from edgeproof.edge.errors import InputError

    with pytest.raises(InputError, match="expected a training that fits into memory"), hardware.within_memory():
        raise error
    with pytest.raises(RuntimeError, match="something else"), hardware.within_memory():
        raise RuntimeError("something else")


def test_a_network_larger_than_memory_is_one_line(train: Command, hands: Path, tmp_path: Path) -> None:
    words = ["--data", hands, "--out", tmp_path / "run", "--size", "8192", "--quiet"]  # 137 GB of weights
    assert "expected a training that fits into memory" in train.error("train", "rps", *words)


# A Python in which TensorFlow is not installed, as far as an import can tell.
ABSENT = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name == "tensorflow":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
from edgeproof.edge.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize(
    ("program", "backend", "reason"),
    [
        (["-m", "edgeproof.edge"], "theano", "KERAS_BACKEND=tensorflow or jax, received 'theano'"),
        (["-m", "edgeproof.edge"], "torch", "KERAS_BACKEND=tensorflow or jax, received 'torch'"),
        (
            ["-c", ABSENT],
            None,
            "KERAS_BACKEND=jax, since JAX is here and TensorFlow is not, received TensorFlow, Keras' own choice",
        ),
    ],
)
def test_a_wrong_backend_is_one_line(
    program: list[str], backend: str | None, reason: str, hands: Path, tmp_path: Path
) -> None:
    if backend is None:
        pytest.importorskip("jax", reason="JAX is not installed")
    words = ["train", "rps", "--data", str(hands), "--out", str(tmp_path / "run"), "--quiet"]
    environment = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
    done = subprocess.run(  # noqa: S603 - ours
        [sys.executable, *program, *words],
        env=environment | ({"KERAS_BACKEND": backend} if backend else {}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == f"error: expected {reason}; set the variable\n"
    assert not (tmp_path / "run").exists()


def test_a_download_leaves_standard_output_to_results(
    train: Command, hands: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        print("Downloading data from …")  # noqa: T201 - as Keras does
        raise OSError("no network")

    monkeypatch.setattr(keras.src.applications.mobilenet_v2.file_utils, "get_file", fail)
    words = ["--backbone", "mobilenet-v2", "--weights", "imagenet", "--size", "32", "--json", "--quiet"]
    assert train("train", "transfer", "--data", hands, "--out", tmp_path / "run", *words) == 2
    assert train.out == ""
    assert "Downloading data" in train.err
    assert "expected to download weights, received no network" in train.err
