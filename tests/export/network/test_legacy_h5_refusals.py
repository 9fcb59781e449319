"""Files of Keras 2 that are damaged, incomplete, or that hold what cannot be taken over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import tensorflow as tf

import legacy
from edgeproof.edge.errors import InputError
from edgeproof.export.network import open_network
from legacy import Config, keras, layers


def small() -> Any:
    return keras.Sequential([keras.Input((4, 4, 3)), layers.Flatten(), layers.Dense(2, name="last")])


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    return legacy.save(small(), tmp_path / "model.h5")


def refusal(path: Path, *, trust: bool = False) -> str:
    with pytest.raises(InputError) as caught:
        open_network(path, trust=trust)
    message = str(caught.value)
    assert message.startswith("expected ")
    assert ", received " in message
    assert path.name in message
    assert message.isprintable()
    return message


def change_weights(path: Path, change: Callable[[Any], None]) -> Path:
    with h5py.File(path, "r+") as file:
        change(file["model_weights"])
    return path


def misshape(group: Any) -> None:
    name = group["last"].attrs["weight_names"][0]
    del group["last"][name]
    group["last"][name] = np.zeros((48, 3), np.float32)


def lose(group: Any) -> None:
    group["last"].attrs["weight_names"] = group["last"].attrs["weight_names"][:1]


def add(group: Any) -> None:
    group["last"]["last/third:0"] = np.zeros(2, np.float32)
    group["last"].attrs["weight_names"] = [*group["last"].attrs["weight_names"], "last/third:0"]


def repeat(group: Any) -> None:
    group["last"].attrs["weight_names"] = [group["last"].attrs["weight_names"][0]] * 2


def misname(group: Any) -> None:
    group.move("last", "other")
    group.attrs["layer_names"] = ["other"]


def spoil(group: Any) -> None:
    group["last"][group["last"].attrs["weight_names"][1]][...] = [1, np.nan]


def link(group: Any) -> None:
    name = group["last"].attrs["weight_names"][1]
    del group["last"][name]
    group["last"][name] = h5py.ExternalLink("/etc/hostname", "/a")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (misshape, "expected last/kernel of shape (48, 2), received last/kernel:0 of (48, 3)"),
        (lose, "expected 2 weights of last, received 1"),
        (add, "expected 2 weights of last, received 3"),
        (repeat, "expected last/bias of shape (2,), received last/kernel:0"),
        (misname, "received those of 'other'"),
        (spoil, "received NaN or infinity in last/bias"),
        (link, "expected weights in the file itself"),
    ],
)
def test_weights_that_do_not_fit_are_named(change: Callable[[Any], None], words: str, saved: Path) -> None:
    assert words in refusal(change_weights(saved, change))


def test_a_layer_without_stored_weights_is_named(tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3, name="first"), layers.Dense(2, name="last")])
    path = legacy.save(model, tmp_path / "model.h5")

    def drop(group: Any) -> None:
        group["first"].attrs["weight_names"] = np.array([], "S1")

    assert "expected weights of first, received none" in refusal(change_weights(path, drop))


def test_weights_alone_are_no_model(tmp_path: Path) -> None:
    small().save_weights(tmp_path / "alone.h5")
    assert "expected a whole model, received weights alone" in refusal(tmp_path / "alone.h5")


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.999])
def test_a_download_that_was_cut_short_is_refused(share: float, saved: Path) -> None:
    data = saved.read_bytes()
    saved.write_bytes(data[: int(len(data) * share)])
    assert "does not read" in refusal(saved)


@pytest.mark.parametrize("data", [b"", b"<html>", b"PK\x03\x04" + bytes(100)])
def test_what_is_no_hdf5_is_refused(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "model.h5").write_bytes(data)
    assert "expected an HDF5 file, received something else" in refusal(tmp_path / "model.h5")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"class_name": "Sequential"}', '{"config": {}}', "[" * 100_000])
def test_configs_without_sense_are_refused(text: str, saved: Path) -> None:
    with h5py.File(saved, "r+") as file:
        file.attrs["model_config"] = text
    refusal(saved)


@pytest.mark.parametrize("layer", [{}, {"class_name": "Dense"}, {"class_name": "Dense", "config": 3}])
def test_layers_without_sense_are_refused(layer: Config, saved: Path) -> None:
    refusal(legacy.rewrite(saved, lambda config: config["config"]["layers"].append(layer)))


def test_lambdas_are_refused_even_where_trusted(tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((4, 4, 3)), layers.Lambda(lambda x: x * 2, name="doubled")])
    path = legacy.save(model, tmp_path / "model.h5")
    assert "received Lambda in layer 'doubled'" in refusal(path)
    refusal(path, trust=True)


class Own(layers.Layer):  # type: ignore[misc,name-defined]
    """A layer of somebody's own."""

    def call(self, inputs: Any) -> Any:
        return inputs


def test_own_layers_are_refused_by_name(tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((4, 4, 3)), Own(name="mine"), layers.Flatten(), layers.Dense(2)])
    path = legacy.save(model, tmp_path / "model.h5")
    assert "received Own in layer 'mine'" in refusal(path)
    assert "Own" in refusal(path, trust=True)


def test_operations_without_a_counterpart_are_refused_by_name(tmp_path: Path) -> None:
    inputs = keras.Input((4, 4, 3))
    model = keras.Model(inputs, layers.Dense(2)(layers.Flatten()(tf.image.rgb_to_hsv(inputs))))
    path = legacy.save(model, tmp_path / "model.h5")
    assert "received tf.image.rgb_to_hsv between the layers" in refusal(path)


def two_inputs() -> Any:
    inputs = [keras.Input((4,), name="left"), keras.Input((4,), name="right")]
    return keras.Model(inputs, layers.Dense(2)(layers.Add()(inputs)))


def two_outputs() -> Any:
    inputs = keras.Input((4,))
    return keras.Model(inputs, [layers.Dense(2)(inputs), layers.Dense(3)(inputs)])


@pytest.mark.parametrize(("make", "words"), [(two_inputs, "one input, received 2"), (two_outputs, "one output")])
def test_several_inputs_or_outputs_are_refused(make: Callable[[], Any], words: str, tmp_path: Path) -> None:
    assert words in refusal(legacy.save(make(), tmp_path / "model.h5"))
