"""Files of Keras 2 as its older versions wrote them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import h5py
import keras as keras3
import numpy as np
import pytest
import tensorflow as tf

import legacy
from edgeproof.edge.contract import Activation, ImageInput
from edgeproof.export.network import open_network
from keras2_models import MODELS, nested, transferred
from legacy import Config, keras, layers


def scramble_names(path: Path) -> None:
    """Name weights after layers that the model does not have, as older versions did when they built it twice."""
    with h5py.File(path, "r+") as file:
        root = file["model_weights"]
        for layer in root.attrs["layer_names"]:
            group = root[layer]
            names = []
            for index, name in enumerate(group.attrs["weight_names"]):
                values, leaf = group[name][()], name.rsplit("/", 1)[-1]
                names.append(f"scope_{index}/{leaf}")
                group[names[-1]] = values
            group.attrs["weight_names"] = names


def test_weights_are_found_by_order_where_names_do_not_tell(tmp_path: Path) -> None:
    model = legacy.varied(transferred(60), 255.0)
    path = legacy.save(model, tmp_path / "model.h5")
    samples = legacy.samples(model, 255.0)
    expected = legacy.answers(path, samples)
    scramble_names(path)
    assert np.abs(open_network(path).call(tf.constant(samples)).numpy() - expected).max() <= 1e-5


def as_model(config: Config) -> None:
    for node in legacy.nodes(config):
        if node["class_name"] == "Functional":
            node["class_name"] = "Model"
            node["config"].pop("trainable", None)
        node.pop("module", None)
        node.pop("registered_name", None)


def as_bare_list(config: Config) -> None:
    as_model(config)
    config["config"] = config["config"]["layers"]


def with_initializers_of_tensorflow_1(config: Config) -> None:
    for node in legacy.nodes(config):
        for key in node["config"] if isinstance(node["config"], dict) else ():
            if key.endswith("_initializer"):
                node["config"][key] = {
                    "class_name": "VarianceScaling",
                    "config": {"scale": 1.0, "mode": "fan_avg", "distribution": "uniform", "dtype": "float32"},
                }
            if key.endswith("_regularizer"):
                node["config"][key] = {"class_name": "L1L2", "config": {"l1": 0.0, "l2": 0.01}}


def without_input_layers(config: Config) -> None:
    for node in legacy.nodes(config):
        inner = node["config"]
        if node["class_name"] == "Sequential" and inner["layers"][0]["class_name"] == "InputLayer":
            shape = inner["layers"].pop(0)["config"]["batch_input_shape"]
            inner["layers"][0]["config"]["batch_input_shape"] = shape


def with_version_1_normalization(config: Config) -> None:
    for node in legacy.nodes(config):
        if node["class_name"] == "BatchNormalization":
            node["class_name"] = "BatchNormalizationV1"
            node["config"].update(axis=[3], fused=True, virtual_batch_size=None)


def with_numbers_as_arrays(config: Config) -> None:
    for node in legacy.nodes(config):
        if node["class_name"] == "ReLU":
            node["config"]["max_value"] = {"type": "ndarray", "value": node["config"]["max_value"]}


OLD = [
    as_model,
    as_bare_list,
    with_initializers_of_tensorflow_1,
    without_input_layers,
    with_version_1_normalization,
    with_numbers_as_arrays,
]


@pytest.mark.parametrize("age", OLD)
def test_what_older_versions_wrote_changes_nothing(age: Callable[[Config], None], tmp_path: Path) -> None:
    inner = keras.Sequential(
        [
            layers.DepthwiseConv2D(3, use_bias=False, input_shape=(12, 12, 3)),
            layers.BatchNormalization(),
            layers.ReLU(6.0),
        ]
    )
    head = keras.Sequential([layers.Flatten(input_shape=(10, 10, 3)), layers.Dense(3, kernel_regularizer="l2")])
    model = legacy.varied(keras.Sequential([inner, head]))
    path = legacy.save(model, tmp_path / "model.h5")
    samples = legacy.samples(model)
    expected = legacy.answers(path, samples)
    before = json.dumps(legacy.config_of(path))
    legacy.rewrite(path, age)
    assert json.dumps(legacy.config_of(path)) != before
    assert np.abs(open_network(path).call(tf.constant(samples)).numpy() - expected).max() <= 1e-6


def test_mixed_precision_is_computed_in_floats(tmp_path: Path) -> None:
    model = legacy.varied(nested())
    path = legacy.save(model, tmp_path / "model.h5")
    samples = legacy.samples(model)
    expected = legacy.answers(path, samples)

    def mix(config: Config) -> None:
        for node in legacy.nodes(config):
            if "dtype" in node["config"]:
                node["config"]["dtype"] = {"class_name": "Policy", "config": {"name": "mixed_float16"}}

    network = open_network(legacy.rewrite(path, mix))
    answered = network.call(tf.constant(samples))
    assert answered.dtype == tf.float32
    assert np.abs(answered.numpy() - expected).max() <= 1e-6
    assert any("float32" in repair for repair in network.repairs)


@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file")
def test_files_of_keras_3_need_no_repair(tmp_path: Path) -> None:
    inputs = keras3.Input((8, 8, 3))
    inner = keras3.Sequential([keras3.layers.Conv2D(4, 3), keras3.layers.BatchNormalization()])
    tensor = keras3.layers.Flatten()(inner(inputs))
    model = keras3.Model(inputs, keras3.layers.Dense(3, activation="hard_sigmoid")(tensor))
    rng = np.random.default_rng(0)
    model.set_weights([rng.uniform(0.1, 1, weight.shape) for weight in model.weights])
    model.save(tmp_path / "model.h5")
    samples = rng.uniform(-1, 1, (3, 8, 8, 3)).astype(np.float32)
    network = open_network(tmp_path / "model.h5")
    assert network.repairs == ()
    assert np.array_equal(network.call(tf.constant(samples)).numpy(), np.asarray(model(samples, training=False)))


@pytest.mark.parametrize(
    ("name", "activation"),
    [
        ("normalized", Activation.SIGMOID),
        ("skip", Activation.LINEAR),
        ("ended by a model", Activation.SOFTMAX),
    ],
)
def test_the_last_layer_says_what_the_outputs_are(name: str, activation: Activation, tmp_path: Path) -> None:
    assert open_network(legacy.save(MODELS[name](), tmp_path / "model.h5")).activation is activation


def test_a_fixed_batch_is_filled_up(tmp_path: Path) -> None:
    inputs = keras.Input(batch_shape=(2, 4, 4, 3))
    model = legacy.varied(keras.Model(inputs, layers.Dense(2)(layers.Flatten()(inputs))))
    network = open_network(legacy.save(model, tmp_path / "model.h5"))
    pixels = np.random.default_rng(0).integers(0, 256, (3, 4, 4, 3), np.uint8)
    spec = ImageInput(4, 4, 3, range=(-1.0, 1.0))
    padded = np.concatenate([pixels, pixels[-1:]]).astype(np.float32) / 127.5 - 1
    expected = np.concatenate([np.asarray(model(padded[:2])), np.asarray(model(padded[2:]))])[:3]
    assert np.abs(network.bound(spec).predict(pixels) - expected).max() <= 1e-5
