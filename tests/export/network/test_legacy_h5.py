"""Files of Keras 2, held against Keras 2 itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import tensorflow as tf

import legacy
from edgeproof.export.network import keras2, legacy_h5, open_network
from edgeproof.export.network.placement import place
from edgeproof.workstation import hdf5
from keras2_models import MODELS, transferred

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
