"""Keras 2 itself, as tf_keras: it writes the files of its time, and answers what they should."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import tf_keras as keras
from numpy.typing import NDArray

layers = keras.layers
Config = dict[str, Any]


def varied(model: Any, high: float = 1.0, seed: int = 0) -> Any:
    """Give a model weights of which no two are alike, and the statistics of pictures up to `high`."""
    rng = np.random.default_rng(seed)
    for weight in model.weights:
        inputs = np.prod(weight.shape[: 2 if "depthwise" in weight.name else -1])
        values = rng.normal(0, np.sqrt(2 / inputs), weight.shape)
        if any(word in weight.name for word in ("variance", "gamma")):
            values = rng.uniform(0.5, 1.5, weight.shape)
        weight.assign(values.astype(weight.dtype.as_numpy_dtype))
    trained = [layer for layer in leaves(model) if layer.trainable]
    for layer in leaves(model):
        layer.trainable = True
        if isinstance(layer, layers.BatchNormalization):
            layer.momentum = 0.2  # so that one batch sets its statistics, without making much of what hardly varies
    for inner in models(model):
        inner(samples(inner, 1.0, 16), training=True)  # which may be called as if for inference
    model(samples(model, high, 16), training=True)
    for layer in leaves(model):
        layer.trainable = layer in trained
        if isinstance(layer, layers.BatchNormalization):
            layer.momentum = 0.99
    return model


def leaves(model: Any) -> Iterator[Any]:
    """List the layers that are no models, at any depth."""
    for layer in model.layers:
        if hasattr(layer, "layers"):
            yield from leaves(layer)
        else:
            yield layer


def models(model: Any) -> Iterator[Any]:
    """List the models within a model, at any depth."""
    for layer in model.layers:
        if hasattr(layer, "layers"):
            yield layer
            yield from models(layer)


def save(model: Any, path: Path) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # HDF5 is legacy, it says
        model.save(path)
    return path


def answers(path: Path, samples: NDArray[Any]) -> NDArray[Any]:
    """Ask what Keras 2 makes of a file."""
    return np.asarray(keras.models.load_model(path, compile=False)(samples, training=False))


def samples(model: Any, high: float = 1.0, count: int = 4) -> NDArray[np.float32]:
    """Draw pictures of different colours, from -`high` to `high`."""
    rng = np.random.default_rng(1)
    shape = model.input_shape[1:]
    colours = rng.uniform(-1, 1, (count, *(1,) * (len(shape) - 1), shape[-1]))
    return ((colours + rng.uniform(-1, 1, (count, *shape))) * high / 2).astype(np.float32)


def widen(config: Config) -> None:
    """Let a model compute with 64 bits, where rounding hides no mistake."""
    for node in nodes(config):
        if isinstance(node["config"], dict) and "dtype" in node["config"]:
            node["config"]["dtype"] = "float64"


def config_of(path: Path) -> Config:
    with h5py.File(path) as file:
        config: Config = json.loads(file.attrs["model_config"])
        return config


def rewrite(path: Path, change: Callable[[Config], None]) -> Path:
    """Change the config in a file."""
    config = config_of(path)
    change(config)
    with h5py.File(path, "r+") as file:
        file.attrs["model_config"] = json.dumps(config)
    return path


def nodes(config: Config) -> Iterator[Config]:
    """List the layers of a config, and the models, at any depth."""
    yield config
    inner = config["config"]
    for layer in inner if isinstance(inner, list) else inner.get("layers", []):
        yield from nodes(layer)


def teachable(base: Any) -> Any:
    """A model as Teachable Machine puts it together: features and a head, each Sequential, in a Sequential."""
    body = keras.Sequential([base, layers.GlobalAveragePooling2D()])
    units = int(base.output_shape[-1])
    head = keras.Sequential(
        [
            layers.Dense(100, activation="relu", input_shape=(units,)),
            layers.Dense(3, use_bias=False, activation="softmax"),
        ]
    )
    model = keras.Sequential([body, head])
    model.build(base.input_shape)
    return model
