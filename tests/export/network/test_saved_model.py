"""SavedModels of three writers, and graphs that would do more than compute."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras as keras3
import numpy as np
import pytest
import tensorflow as tf

from edgeproof.edge.contract import ImageInput
from edgeproof.edge.errors import InputError
from edgeproof.export.network import freeze, open_network
from legacy import keras

SHAPE = (8, 8, 3)
SIGNATURE = [tf.TensorSpec((None, *SHAPE), tf.float32, "pixels")]


def network(module: Any) -> Any:
    """A network of layers that compute otherwise in training."""
    model = module.Sequential(
        [
            module.Input(SHAPE),
            module.layers.Rescaling(2.0, offset=-1.0),
            module.layers.Conv2D(4, 3),
            module.layers.BatchNormalization(),
            module.layers.DepthwiseConv2D(3),
            module.layers.ReLU(6.0),
            module.layers.Dropout(0.2),
            module.layers.GlobalAveragePooling2D(),
            module.layers.Dense(3, activation="softmax"),
        ]
    )
    rng = np.random.default_rng(0)
    for weight in model.weights:
        positive = "variance" in weight.name or "gamma" in weight.name
        weight.assign(rng.uniform(0.5, 1.5, weight.shape) if positive else rng.normal(0, 0.3, weight.shape))
    return model


def by_keras_3(model: Any, path: str) -> None:
    model.export(path, verbose=False)


def by_keras_2(model: Any, path: str) -> None:
    model.save(path, save_format="tf")


@pytest.mark.parametrize(("module", "save"), [(keras3, by_keras_3), (keras, by_keras_2)], ids=["Keras 3", "Keras 2"])
def test_a_saved_model_answers_as_its_network(module: Any, save: Callable[[Any, str], None], tmp_path: Path) -> None:
    model = network(module)
    save(model, str(tmp_path / "saved"))
    loaded = open_network(tmp_path / "saved")
    rng = np.random.default_rng(1)
    pixels = (rng.integers(0, 256, (3, *SHAPE)) * rng.random((3, 1, 1, 3))).astype(np.uint8)
    answered = loaded.bound(ImageInput(8, 8, 3)).predict(pixels)
    expected = np.asarray(model((pixels / 255).astype(np.float32), training=False))
    assert np.ptp(expected, axis=0).max() > 1e-3
    assert np.abs(answered - expected).max() <= 1e-6
    assert (loaded.input_shape, loaded.output_shape, loaded.activation) == (SHAPE, (3,), None)
    assert loaded.parameters == model.count_params()


def test_its_function_has_one_picture_and_no_variables_once_frozen(tmp_path: Path) -> None:
    by_keras_3(network(keras3), str(tmp_path / "saved"))
    frozen = freeze(open_network(tmp_path / "saved"), ImageInput(8, 8, 3))
    assert [tuple(tensor.shape) for tensor in frozen.inputs] == [(1, *SHAPE)]
    assert not frozen.variables


class Plain(tf.Module):  # type: ignore[misc]
    """A graph that does what it is given besides its mean."""

    def __init__(self, act: Callable[[Any], Any]) -> None:
        super().__init__()
        self.act = act

    def answer(self, pixels: Any) -> Any:
        self.act(pixels)
        return tf.reduce_mean(pixels, [1, 2])


def save_plain(path: Path, extra: Callable[[Any], Any]) -> Path:
    module = Plain(extra)
    module.call = tf.function(module.answer, input_signature=SIGNATURE)
    tf.saved_model.save(module, str(path), signatures=module.call)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        open_network(path)
    message = str(caught.value)
    assert re.fullmatch(r"expected .+, received .+", message)
    assert str(path) in message
    assert message.isprintable()
    return message


def write_variable(marker: str, x: Any) -> Any:
    return tf.raw_ops.SaveV2(prefix=marker, tensor_names=["a"], shape_and_slices=[""], tensors=[x])


def read_variable(marker: str, _: Any) -> Any:
    return tf.raw_ops.RestoreV2(prefix=marker, tensor_names=["a"], shape_and_slices=[""], dtypes=[tf.float32])


@pytest.mark.parametrize(
    ("name", "act"),
    [
        ("WriteFile", lambda marker, _: tf.io.write_file(marker, "x")),
        ("ReadFile", lambda marker, _: tf.io.read_file(marker)),
        ("SaveV2", write_variable),
        ("RestoreV2", read_variable),
        ("EagerPyFunc", lambda _, x: tf.py_function(lambda y: y, [x], tf.float32)),
        ("PrintV2", lambda marker, x: tf.print(x, output_stream=f"file://{marker}")),
    ],
)
def test_operators_that_do_more_are_refused_and_not_run(
    name: str, act: Callable[[str, Any], Any], tmp_path: Path
) -> None:
    marker = tmp_path / "marker"
    path = save_plain(tmp_path / "saved", lambda x: act(str(marker), x))
    assert name in refusal(path)
    assert not list(tmp_path.glob("marker*"))


def test_a_trusted_graph_may_do_more(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    path = save_plain(tmp_path / "saved", lambda _: tf.io.write_file(str(marker), "x"))
    loaded = open_network(path, trust=True).bound(ImageInput(8, 8, 3))
    assert loaded.predict(np.full((2, *SHAPE), 255, np.uint8)).tolist() == [[1, 1, 1]] * 2
    assert marker.exists()  # it was no dud


def test_a_writer_hidden_in_a_branch_is_found(tmp_path: Path) -> None:
    marker = tmp_path / "marker"

    def hidden(x: Any) -> Any:
        return tf.cond(tf.reduce_sum(x) > 0, lambda: tf.io.write_file(str(marker), "x"), lambda: tf.no_op())

    assert "WriteFile" in refusal(save_plain(tmp_path / "saved", hidden))


def test_several_inputs_are_listed(tmp_path: Path) -> None:
    inputs = [keras3.Input((4,), name="left"), keras3.Input((4,), name="right")]
    model = keras3.Model(inputs, keras3.layers.Dense(2)(keras3.layers.Add()(inputs)))
    module = tf.Module()
    module.model = model
    spec = tf.TensorSpec((None, 4), tf.float32)
    call = tf.function(lambda left, right: model([left, right]), input_signature=[spec, spec])
    tf.saved_model.save(module, str(tmp_path / "saved"), signatures=call)
    message = refusal(tmp_path / "saved")
    assert "expected one input of serving_default, received 2" in message
    assert "left (None, 4), right (None, 4)" in message


def test_several_outputs_are_listed(tmp_path: Path) -> None:
    module = tf.Module()
    call = tf.function(lambda x: {"a": tf.reduce_mean(x, [1, 2]), "b": x}, input_signature=SIGNATURE)
    tf.saved_model.save(module, str(tmp_path / "saved"), signatures=call)
    assert "expected one output of serving_default, received 2 (a (None, 3), b (None, 8, 8, 3))" in refusal(
        tmp_path / "saved"
    )


def test_inputs_of_integers_are_refused(tmp_path: Path) -> None:
    module = tf.Module()
    signature = [tf.TensorSpec((None, *SHAPE), tf.uint8)]
    call = tf.function(lambda x: tf.reduce_mean(tf.cast(x, tf.float32), [1, 2]), input_signature=signature)
    tf.saved_model.save(module, str(tmp_path / "saved"), signatures=call)
    assert "expected an input of float32, received uint8" in refusal(tmp_path / "saved")


def test_other_signatures_are_named(tmp_path: Path) -> None:
    module = tf.Module()
    call = tf.function(lambda x: tf.reduce_mean(x, [1, 2]), input_signature=SIGNATURE)
    tf.saved_model.save(module, str(tmp_path / "saved"), signatures={"other": call})
    assert "expected the signature 'serving_default', received other" in refusal(tmp_path / "saved")


def test_damaged_folders_are_refused(tmp_path: Path) -> None:
    path = save_plain(tmp_path / "saved", lambda _: None)
    data = (path / "saved_model.pb").read_bytes()
    for spoilt in (b"", b"no graph", data[: len(data) // 2], b"\xff" * 100):
        (path / "saved_model.pb").write_bytes(spoilt)
        refusal(path)


def test_lost_variables_are_noticed(tmp_path: Path) -> None:
    path = tmp_path / "saved"
    by_keras_3(network(keras3), str(path))
    for file in (path / "variables").iterdir():
        file.unlink()
    assert "expected a SavedModel that loads" in refusal(path)
