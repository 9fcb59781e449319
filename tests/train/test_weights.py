"""Weights of local files: every layout that Keras writes, cut networks, and files of other networks."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest

from edgeproof.edge.errors import InputError
from edgeproof.train import weights

INCEPTION = Path(__file__).parents[3] / "shared" / "data" / "inception_v3_notop.h5"
SIDE = 75  # pixels; InceptionV3 takes no fewer
Edit = Callable[[Any], None]


def inception(cut: str | None = None) -> keras.Model:
    model = keras.applications.InceptionV3(weights=None, include_top=False, input_shape=(SIDE, SIDE, 3))
    return keras.Model(model.input, model.get_layer(cut).output) if cut else model


def mobilenet_v2() -> keras.Model:
    return keras.applications.MobileNetV2(weights=None, include_top=False, input_shape=(32, 32, 3), alpha=0.35)


def mobilenet_v3() -> keras.Model:
    shape = (32, 32, 3)
    return keras.applications.MobileNetV3Small(shape, include_top=False, weights=None, include_preprocessing=False)


def small(filters: int = 4, depth: int = 3, name: str | None = None) -> keras.Model:
    """Blocks whose weights have all the same shapes: only the right order is right."""
    inputs = tensor = keras.Input((8, 8, filters))
    for index in range(depth):
        tensor = keras.layers.Conv2D(filters, 3, padding="same", name=name and f"{name}{index}")(tensor)
        tensor = keras.layers.BatchNormalization(scale=False)(tensor)
        tensor = keras.layers.ReLU()(tensor)
    return keras.Model(inputs, tensor)


def scrambled(model: keras.Model, seed: int = 0) -> keras.Model:
    """Give every weight values of its own; fresh moving means are all zero."""
    rng = np.random.default_rng(seed)
    model.set_weights([rng.random(value.shape, np.float32) for value in model.get_weights()])
    return model


@cache
def pair(make: Callable[[], keras.Model]) -> tuple[keras.Model, keras.Model]:
    """Build a network twice, once for all layouts; the automatic names of the two differ."""
    return make(), make()


def write_legacy(model: keras.Model, path: Path, edit: Edit = lambda _: None) -> Path:
    """Write weights as Keras 2 did, which Keras 3 does for whole models alone."""
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [layer.name.encode() for layer in model.layers]
        for layer in model.layers:
            group = file.create_group(layer.name)
            names = [f"{layer.name}/{weight.name}:0" for weight in layer.weights]
            group.attrs["weight_names"] = [name.encode() for name in names]
            for name, value in zip(names, layer.get_weights(), strict=True):
                group[name] = value
        edit(file)
    return path


def write_keras3(model: keras.Model, path: Path, edit: Edit = lambda _: None) -> Path:
    model.save_weights(path)
    with h5py.File(path, "a") as file:
        edit(file)
    return path


@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file")
def write(model: keras.Model, path: Path) -> Path:
    """Write weights in the layout that the name asks for."""
    if path.name.endswith(".weights.h5"):
        model.save_weights(path)
    elif path.name.startswith("legacy"):
        write_legacy(model, path)
    else:
        model.save(path)
    return path


def same(first: keras.Model, second: keras.Model) -> bool:
    pairs = zip(first.get_weights(), second.get_weights(), strict=True)
    return all(np.array_equal(one, other) for one, other in pairs)


def refusal(model: keras.Model, path: Path, *, trust: bool = False) -> str:
    """Load what must be refused: one line, and nothing of the model changes."""
    before = [value.copy() for value in model.get_weights()]
    with pytest.raises(InputError) as caught:
        weights.load(model, path, trust=trust)
    assert all(np.array_equal(old, new) for old, new in zip(before, model.get_weights(), strict=True))
    message = str(caught.value)
    assert message.startswith("expected ")
    assert ", received " in message
    assert message.isprintable()
    assert str(path) in message or path.name in message
    return message


LAYOUTS = ["a.weights.h5", "a.keras", "legacy.h5", "a.h5"]
# Keras cannot save MobileNetV3 as a whole legacy file.
ROUNDS = [(make, name) for make in (mobilenet_v2, mobilenet_v3, small) for name in LAYOUTS]
ROUNDS.remove((mobilenet_v3, "a.h5"))


@pytest.mark.parametrize(("make", "name"), ROUNDS)
def test_every_layout_of_keras_is_read(make: Callable[[], keras.Model], name: str, tmp_path: Path) -> None:
    source, target = pair(make)
    path = write(scrambled(source, 1), tmp_path / name)
    weights.load(scrambled(target, 2), path)
    assert same(target, source)


@pytest.mark.parametrize("name", ["a.weights.h5", "legacy.h5"])
@pytest.mark.parametrize("before", ["nothing", "a convolution", "a normalization"])
def test_automatic_names_of_other_layers_mislead_nobody(name: str, before: str, tmp_path: Path) -> None:
    """Layers made before shift the numbers, so that conv2d_1 of the network may be conv2d_2 of the file."""
    keras.backend.clear_session()
    source = scrambled(small(depth=4))
    path = write(source, tmp_path / name)
    keras.backend.clear_session()
    if before == "a convolution":
        keras.layers.Conv2D(1, 1)
    if before == "a normalization":
        keras.layers.BatchNormalization()
    cut = small(depth=3)
    weights.load(cut, path)
    assert all(np.array_equal(a, b) for a, b in zip(cut.get_weights(), source.get_weights(), strict=False))


def test_old_keras3_files_do_not_tell_names(tmp_path: Path) -> None:
    def forget(file: h5py.File) -> None:
        for group in file["layers"].values():
            del group["vars"].attrs["name"]

    source, target = pair(mobilenet_v3)
    weights.load(scrambled(target, 2), write_keras3(scrambled(source, 1), tmp_path / "a.weights.h5", forget))
    assert same(target, source)


def test_names_of_weights_count_more_than_their_order(tmp_path: Path) -> None:
    """Beta, moving mean and moving variance have one shape."""

    def turn(file: h5py.File) -> None:
        for group in file.values():
            group.attrs["weight_names"] = group.attrs["weight_names"][::-1]

    source = scrambled(small())
    target = small()
    weights.load(target, write_legacy(source, tmp_path / "a.h5", turn))
    assert same(target, source)


def test_long_lists_of_names_are_split_over_attributes(tmp_path: Path) -> None:
    def split(file: h5py.File) -> None:
        names = file.attrs["layer_names"]
        del file.attrs["layer_names"]
        file.attrs["layer_names0"], file.attrs["layer_names1"] = names[:4], names[4:]

    source = scrambled(small())
    target = small()
    weights.load(target, write_legacy(source, tmp_path / "a.h5", split))
    assert same(target, source)


def test_frozen_networks_take_weights(tmp_path: Path) -> None:
    source = scrambled(small())
    target = small()
    target.trainable = False
    weights.load(target, write_legacy(source, tmp_path / "a.h5"))
    assert same(target, source)


@pytest.fixture(scope="module")
def whole() -> keras.Model:
    """InceptionV3 without its top."""
    return inception()


def test_cut_inception_takes_the_weights_of_a_whole_one(whole: keras.Model, tmp_path: Path) -> None:
    path = write(scrambled(whole), tmp_path / "a.weights.h5")
    cut = inception("mixed7")
    weights.load(cut, path)
    assert same(cut, keras.Model(whole.input, whole.get_layer("mixed7").output))


@pytest.mark.skipif(not INCEPTION.is_file(), reason=f"needs {INCEPTION}")
def test_inception_gives_the_features_that_keras_itself_gets(whole: keras.Model) -> None:
    """`load_weights` knows only the whole network; the cut one must come to the same, whatever its layers' names."""
    whole.load_weights(INCEPTION)
    reference = keras.Model(whole.input, whole.get_layer("mixed7").output)
    pictures = np.random.default_rng(0).random((2, SIDE, SIDE, 3), np.float32)
    expected = np.asarray(reference(pictures, training=False))
    assert expected.std() > 0.1
    for fresh in (True, False):
        if fresh:
            keras.backend.clear_session()
        cut = inception("mixed7")
        assert (cut.layers[1].name == "conv2d") is fresh
        weights.load(cut, INCEPTION)
        assert np.array_equal(np.asarray(cut(pictures, training=False)), expected)


def test_another_network_is_refused_by_its_first_layer(tmp_path: Path) -> None:
    path = write_legacy(small(5, name="block"), tmp_path / "a.h5")
    message = refusal(small(4, name="block"), path)
    assert message == (
        f"expected block0 with (3, 3, 4, 4) (4,), received (3, 3, 5, 5) (5,) in {path}; "
        "use the weights of this very network"
    )


def test_the_layer_that_does_not_fit_is_named(tmp_path: Path) -> None:
    def squeeze(file: h5py.File) -> None:
        del file["block2/block2/kernel:0"]
        file["block2/block2/kernel:0"] = np.zeros((1, 1, 4, 4), np.float32)

    message = refusal(small(name="block"), write_legacy(small(name="block"), tmp_path / "a.h5", squeeze))
    assert "expected block2 with (3, 3, 4, 4) (4,), received (1, 1, 4, 4) (4,)" in message


@pytest.mark.parametrize("name", ["a.weights.h5", "legacy.h5"])
def test_files_of_fewer_layers_are_refused(name: str, tmp_path: Path) -> None:
    message = refusal(small(depth=3), write(small(depth=2), tmp_path / name))
    assert "received no such layer" in message


def test_another_count_of_weights_is_refused(tmp_path: Path) -> None:
    def shorten(file: h5py.File) -> None:
        file["block1"].attrs["weight_names"] = file["block1"].attrs["weight_names"][:1]

    message = refusal(small(name="block"), write_legacy(small(name="block"), tmp_path / "a.h5", shorten))
    assert "expected block1 with (3, 3, 4, 4) (4,), received (3, 3, 4, 4) in" in message
