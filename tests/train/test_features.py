from __future__ import annotations

import json
from pathlib import Path

import keras
import numpy as np
import pytest

import tiny
from edgeproof.edge import run_directory
from edgeproof.edge.cli import main
from edgeproof.workstation import keras_archive


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.draw(tmp_path_factory.mktemp("few"), 60)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("weights") / "mobilenet.weights.h5"
    keras.utils.set_random_seed(0)
    keras.applications.MobileNetV2(include_top=False, weights=None, input_shape=(32, 32, 3)).save_weights(file)
    return file


def words(few: Path, weights: Path, out: Path, *more: str) -> list[str]:
    network = ["--backbone", "mobilenet-v2", "--weights", str(weights), "--size", "32"]
    return ["train", "transfer", "--data", str(few), "--out", str(out), *network, "--quiet", *more]


@pytest.mark.parametrize("head", ["gap", "flatten"])
def test_cached_features_change_nothing_but_the_time(few: Path, weights: Path, tmp_path: Path, head: str) -> None:
    runs = {name: tmp_path / name for name in ("cache-features", "no-cache-features")}
    for name, run in runs.items():
        assert main(words(few, weights, run, "--epochs", "3", "--head", head, f"--{name}")) == 0
    cached, plain = (json.loads((run / run_directory.RECORD).read_text()) for run in runs.values())
    for name in cached["history"]:
        assert cached["history"][name] == pytest.approx(plain["history"][name], abs=1e-4)
    for run in runs.values():
        keras_archive.inspect(run / run_directory.MODEL)  # nothing of ours in it: any Keras loads the file
    models = [keras.saving.load_model(run / run_directory.MODEL) for run in runs.values()]
    assert models[0].count_params() == models[1].count_params() > 2_000_000  # the whole network, not the head
    pictures = np.random.default_rng(0).random((4, 32, 32, 3), np.float32)
    first, second = (model.predict(pictures, verbose=0) for model in models)
    assert first == pytest.approx(second, abs=1e-4)


def test_augmented_pictures_have_no_features_to_keep(
    few: Path, weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words(few, weights, tmp_path / "run", "--augment", "--cache-features")) == 2
    assert "expected --no-augment with --cache-features" in capsys.readouterr().err
    assert (
        main(["train", "rps", "--data", str(few), "--out", str(tmp_path / "run"), "--cache-features", "--quiet"]) == 2
    )
    assert "expected --cache-features with transfer or inception, received rps" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()
