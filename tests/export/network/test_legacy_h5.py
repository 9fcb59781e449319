"""Files of Keras 2, held against Keras 2 itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import keras as keras3
import numpy as np
import pytest
import tensorflow as tf

import legacy
from edgeproof.edge.contract import Activation, ImageInput
from edgeproof.export.network import keras2, legacy_h5, open_network
from edgeproof.export.network.placement import place
from edgeproof.workstation import hdf5
from legacy import Config, keras, layers


def stack() -> Any:
    """Everything that a plain network is made of."""
    return keras.Sequential(
        [
            layers.Conv2D(8, 3, padding="same", use_bias=False, input_shape=(16, 16, 3)),
            layers.BatchNormalization(),
            layers.ReLU(6.0),
            layers.DepthwiseConv2D(3, strides=2, padding="same"),
            layers.LeakyReLU(0.1),
            layers.SeparableConv2D(12, 3, activation="relu"),
            layers.PReLU(shared_axes=[1, 2]),
            layers.ThresholdedReLU(0.1),
            layers.MaxPooling2D(),
            layers.Dropout(0.5),
            layers.Conv2DTranspose(4, 2, strides=2),
            layers.Flatten(),
            layers.Dense(5, activation="hard_sigmoid"),
            layers.LayerNormalization(),
            layers.Dense(3, activation="softmax"),
        ]
    )


def skip() -> Any:
    """Branches, a layer that is used twice, and names with a slash."""
    inputs = keras.Input((12, 12, 3))
    shared = layers.Conv2D(3, 3, padding="same", activation="tanh", name="twice/used")
    tensor = shared(shared(inputs))
    left = layers.Conv2D(3, 1, name="left/conv")(tensor)
    right = layers.Conv2D(3, 1, name="right/conv")(tensor)
    tensor = layers.Add()([left, layers.Multiply()([right, inputs])])
    tensor = layers.Concatenate()([tensor, left])
    return keras.Model(inputs, layers.Dense(4)(layers.GlobalMaxPooling2D()(tensor)))


def operations() -> Any:
    """Arithmetic between layers, with numbers and tensors on either side."""
    inputs = keras.Input((8, 8, 3))
    tensor = 1.0 - (inputs / 127.5 - 1.0)
    tensor = tf.nn.bias_add(-tensor[..., ::-1], [0.1, 0.2, 0.3])
    tensor = tf.nn.relu6(tensor + 3) * (1 / 6)
    gate = layers.Conv2D(3, 1, activation="sigmoid")(tf.cast(tensor, tf.float32))
    tensor = tf.clip_by_value(tensor * gate, 0.01, 0.4)
    tensor = tf.reshape(tf.reduce_mean(tensor, [1, 2]), [-1, 3])
    return keras.Model(inputs, layers.Dense(2)(tf.concat([tensor, tf.nn.softmax(tensor)], -1)))


def normalized() -> Any:
    """Statistics that are weights, and layers that only training needs."""
    return keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            layers.RandomFlip(),
            layers.RandomRotation(0.1),
            layers.RandomHeight(0.1),
            layers.Resizing(8, 8),
            layers.Rescaling(1 / 127.5, offset=-1),
            layers.Normalization(),
            layers.Conv2D(4, 3),
            layers.GlobalAveragePooling2D(keepdims=True),
            layers.Flatten(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def transferred(frozen: int) -> Any:
    """A network within a network, called without training, of which the first layers were not trained."""
    base = keras.applications.MobileNetV2((32, 32, 3), alpha=0.35, include_top=False, weights=None)
    base.trainable = frozen == 0
    for layer in base.layers[frozen:]:
        layer.trainable = True
    inputs = keras.Input((32, 32, 3))
    tensor = keras.applications.mobilenet_v2.preprocess_input(inputs)
    tensor = layers.GlobalAveragePooling2D()(base(tensor, training=False))
    return keras.Model(inputs, layers.Dense(3, activation="softmax")(layers.Dropout(0.2)(tensor)))


def nested() -> Any:
    """A Sequential within a Functional, where node numbers of Keras 2 and 3 differ."""
    inputs = keras.Input((8, 8, 3))
    inner = keras.Sequential([layers.Conv2D(4, 3, input_shape=(8, 8, 3)), layers.BatchNormalization()])
    return keras.Model(inputs, layers.Dense(2)(layers.Flatten()(inner(inputs, training=False))))


def ended_by_a_model() -> Any:
    inputs = keras.Input((8, 8, 3))
    features = keras.Input((5,))
    head = keras.Model(features, layers.Dense(3, activation="softmax")(features))
    return keras.Model(inputs, head(layers.Dense(5)(layers.Flatten()(inputs))))


MODELS: dict[str, Callable[[], Any]] = {
    "teachable": lambda: legacy.teachable(
        keras.applications.MobileNet((96, 96, 3), alpha=0.35, include_top=False, weights=None)
    ),
    "mobilenet v3": lambda: keras.applications.MobileNetV3Small((32, 32, 3), weights=None, classes=4),
    "stack": stack,
    "skip": skip,
    "operations": operations,
    "normalized": normalized,
    "transferred": lambda: transferred(0),
    "nested": nested,
    "ended by a model": ended_by_a_model,
}


# Networks of so many layers, with random weights, make much of the last bit, in which Keras 2 and 3 round differently.
DEEP = {"teachable", "mobilenet v3", "transferred"}
OF_PIXELS = {"mobilenet v3", "operations", "normalized", "transferred"}


@pytest.mark.parametrize("name", [name for name in MODELS if name not in DEEP or name == "teachable"])
def test_a_repaired_model_answers_as_keras_2_does(name: str, tmp_path: Path) -> None:
    high = 255.0 if name in OF_PIXELS else 1.0
    model = legacy.varied(MODELS[name](), high)
    path = legacy.save(model, tmp_path / "model.h5")
    samples = legacy.samples(model, high)
    expected = legacy.answers(path, samples)
    network = open_network(path)
    answered = network.call(tf.constant(samples)).numpy()
    assert np.ptp(expected, axis=0).max() > 1e-3  # samples that are told apart, so that a mistake would show
    assert np.abs(answered - expected).max() <= (1e-5 if name in DEEP else 1e-6)
    assert network.input_shape == model.input_shape[1:]
    assert network.output_shape == model.output_shape[1:]
    assert network.repairs
    depthwise = any(type(layer).__name__ == "DepthwiseConv2D" for layer in legacy.leaves(model))
    assert any("groups of DepthwiseConv2D" in repair for repair in network.repairs) is depthwise


@pytest.mark.parametrize("name", sorted(DEEP))
def test_a_deep_repaired_model_computes_the_same_function(name: str, tmp_path: Path) -> None:
    high = 255.0 if name in OF_PIXELS else 1.0
    model = legacy.varied(MODELS[name](), high)
    path = legacy.save(model, tmp_path / "model.h5")
    samples = legacy.samples(model, high).astype(np.float64)
    repaired = keras2.repair(legacy.config_of(path))
    legacy.widen(repaired.config)
    own = legacy_h5.build(repaired, path)
    with hdf5.opened(path, path) as stored:
        assert place(own, stored, repaired.names, path) == len(model.weights)
    answered = np.asarray(own(samples, training=False))
    expected = legacy.answers(legacy.rewrite(path, legacy.widen), samples)
    assert answered.dtype == expected.dtype == np.float64
    assert np.abs(answered - expected).max() <= 1e-9


def stored_weights(path: Path) -> list[np.ndarray[Any, Any]]:
    with h5py.File(path) as file:
        group = file["model_weights"]
        return [
            group[layer][name][()]
            for layer in group.attrs["layer_names"]
            for name in group[layer].attrs["weight_names"]
        ]


def test_every_weight_is_the_files_bit_for_bit(tmp_path: Path) -> None:
    path = legacy.save(legacy.varied(transferred(60)), tmp_path / "model.h5")
    network = open_network(path)
    own = sorted(weight.numpy().tobytes() for weight in network.source.weights)
    assert own == sorted(weight.tobytes() for weight in stored_weights(path))


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
