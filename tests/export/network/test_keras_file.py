"""`.keras` files of both versions."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras as keras3
import numpy as np
import pytest
import tensorflow as tf

import legacy
from edgeproof.edge.errors import InputError
from edgeproof.export.network import open_network
from legacy import keras, layers


def branched() -> Any:
    """Layers of one class in another order than that in which they are called, and a model within the model."""
    inputs = keras.Input((8, 8, 3))
    last, first = layers.Conv2D(3, 1, name="b/last"), layers.Conv2D(3, 1, name="a/first")
    tensor = last(first(inputs / 2.0))
    inner = keras.Sequential([layers.Conv2D(4, 3, input_shape=(8, 8, 3)), layers.BatchNormalization()])
    tensor = layers.DepthwiseConv2D(3)(inner(tensor, training=False))
    tensor = layers.SeparableConv2D(4, 3)(tensor)
    return keras.Model(inputs, layers.Dense(2)(layers.Flatten()(tensor)))


def normalized() -> Any:
    return keras.Sequential(
        [keras.Input((8, 8, 3)), layers.RandomFlip(), layers.Normalization(), layers.Flatten(), layers.Dense(2)]
    )


def mobilenet() -> Any:
    return keras.applications.MobileNet((32, 32, 3), alpha=0.25, weights=None, classes=3)


@pytest.mark.parametrize("make", [branched, normalized, mobilenet])
def test_a_keras_2_file_answers_as_keras_2_does(make: Callable[[], Any], tmp_path: Path) -> None:
    model = legacy.varied(make())
    path = tmp_path / "model.keras"
    model.save(path)
    samples = legacy.samples(model)
    expected = legacy.answers(path, samples)
    network = open_network(path)
    assert np.ptp(expected, axis=0).max() > 1e-3
    assert np.abs(network.call(tf.constant(samples)).numpy() - expected).max() <= 1e-5
    assert network.repairs
    stored = sorted(weight.numpy().astype(np.float32).tobytes() for weight in model.weights if weight.dtype.is_floating)
    own = sorted(np.asarray(weight).tobytes() for weight in network.source.weights if "float" in str(weight.dtype))
    assert own == stored


def test_a_keras_3_file_needs_no_repair(tmp_path: Path) -> None:
    model = keras3.Sequential([keras3.Input((4,)), keras3.layers.Dense(2)])
    model.save(tmp_path / "model.keras")
    network = open_network(tmp_path / "model.keras")
    samples = np.random.default_rng(0).random((3, 4), np.float32)
    assert network.repairs == ()
    assert np.array_equal(network.call(tf.constant(samples)).numpy(), np.asarray(model(samples)))


def rewrite(path: Path, member: str, content: bytes) -> Path:
    with zipfile.ZipFile(path) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in {**contents, member: content}.items():
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize(
    ("member", "content"),
    [
        ("metadata.json", b"{"),
        ("metadata.json", b"[]"),
        ("config.json", b"{"),
        ("config.json", b"[]"),
        ("config.json", b"{}"),
        ("model.weights.h5", b""),
    ],
)
def test_damaged_members_are_refused(member: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    branched().save(path)
    with pytest.raises(InputError, match=r"^expected .*, received .*model\.keras"):
        open_network(rewrite(path, member, content))


def test_weights_of_another_shape_are_named(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    keras.Sequential([keras.Input((4,)), layers.Dense(2, name="last")]).save(path)
    with zipfile.ZipFile(path) as archive:
        config = json.loads(archive.read("config.json"))
    config["config"]["layers"][1]["config"]["units"] = 3
    with pytest.raises(InputError, match=r"expected last with \(4, 3\) \(3,\), received \(4, 2\) \(2,\)"):
        open_network(rewrite(path, "config.json", json.dumps(config).encode()))


def test_lambdas_of_keras_2_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    keras.Sequential([keras.Input((4,)), layers.Lambda(lambda x: x * 2, name="doubled")]).save(path)
    with pytest.raises(InputError, match="received Lambda in layer 'doubled'"):
        open_network(path)
