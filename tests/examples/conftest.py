"""What the examples run on: a few real photos where they are, generated pictures elsewhere."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

import tiny
from tutorial import ROOT

_DATA = Path(os.environ.get("EDGEPROOF_DATA", ROOT.parent / "shared" / "data"))
_LEARNED, _JUDGED = 16, 8  # photos of a class


@pytest.fixture(scope="session")
def clothes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fashion-MNIST: 900 pictures of it, or ten kinds of stripes in their place."""
    mini = _DATA / "fashion-mnist-mini"
    if mini.is_dir():
        return mini
    rng = np.random.default_rng(0)
    labels = np.arange(300) % 10
    pictures = rng.integers(0, 60, (300, 28, 28), np.uint8)
    for picture, label in zip(pictures, labels, strict=True):
        picture[2 * label : 2 * label + 6] += 190
    path = tmp_path_factory.mktemp("data") / "clothes.npz"
    np.savez(path, x_train=pictures[:200], y_train=labels[:200], x_test=pictures[200:], y_test=labels[200:])
    return path


@pytest.fixture(scope="session")
def cats_dogs(hands: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photos of cats and dogs, in two sides; hands under their names elsewhere."""
    folder = tmp_path_factory.mktemp("cats-dogs")
    real = _DATA / "cats-dogs" / "train"
    for label, stand_in in (("cats", "rock"), ("dogs", "paper")):
        found = _first(real / label if real.is_dir() else hands / stand_in)
        _copy(found[:_LEARNED], folder / "train" / label)
        _copy(found[_LEARNED:], folder / "validation" / label)
    return folder


@pytest.fixture(scope="session")
def horses_humans(cats_dogs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same under other names: there are no photos of horses to be had without a network."""
    folder = tmp_path_factory.mktemp("horses-humans")
    for label, stand_in in (("horses", "cats"), ("humans", "dogs")):
        _copy(sorted((cats_dogs / "train" / stand_in).iterdir()), folder / label)
    return folder


@pytest.fixture(scope="session")
def gestures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photos of hands, a folder for each class; generated ones elsewhere."""
    folder = tmp_path_factory.mktemp("gestures")
    real = _DATA / "rps-greenscreen"
    if not real.is_dir():
        return tiny.draw(folder, 3 * (_LEARNED + _JUDGED))
    for label in ("paper", "rock", "scissors"):
        _copy(_first(real / label), folder / label)
    return folder


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of InceptionV3: of a photo classifier where there are any, as they were drawn elsewhere."""
    real = _DATA / "inception_v3_notop.h5"
    if real.is_file():
        return real
    import keras

    path = tmp_path_factory.mktemp("weights") / "inception.weights.h5"
    keras.applications.InceptionV3(include_top=False, weights=None, input_shape=(75, 75, 3)).save_weights(path)
    return path


def _first(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.jpg"))[: _LEARNED + _JUDGED]


def _copy(pictures: list[Path], folder: Path) -> None:
    folder.mkdir(parents=True)
    for picture in pictures:
        shutil.copy(picture, folder)
