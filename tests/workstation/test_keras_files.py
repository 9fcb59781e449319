"""The judge of Keras files, on what Keras really writes: its own networks pass, and what could run code does not."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest
from keras import layers

from edgeproof.edge.contract import ImageInput
from edgeproof.edge.errors import InputError
from edgeproof.train import weights
from edgeproof.train.models import NAMES, load_recipe
from edgeproof.train.models.choices import Choices, Head
from edgeproof.train.models.recipe import NumberRecipe
from edgeproof.workstation import keras_archive

TRANSFERRED = {"inception": ("inception-v3", 75), "transfer": ("mobilenet-v2", 32)}


def save(model: keras.Model, path: Path) -> Path:
    model.save(path)
    return path


def backbone(name: str) -> keras.Model:
    kind, side = TRANSFERRED[name]
    make = {"inception-v3": keras.applications.InceptionV3, "mobilenet-v2": keras.applications.MobileNetV2}[kind]
    return make(weights=None, include_top=False, input_shape=(side, side, 3))


@pytest.mark.parametrize("name", NAMES)
def test_every_network_of_the_article_passes(name: str, tmp_path: Path) -> None:
    chosen = load_recipe(name)
    if isinstance(chosen, NumberRecipe):
        model = chosen.build(chosen.input)
    elif name in TRANSFERRED:
        kind, side = TRANSFERRED[name]
        path = save(backbone(name), tmp_path / "backbone.keras")
        keras_archive.inspect(path)
        choices = Choices(head=Head.GAP, backbone=kind, weights=path)
        model = chosen.build(ImageInput(side, side, 3), chosen.output(("a", "b")), choices).model
    else:
        model = chosen.build(chosen.input, chosen.output(("a", "b")), Choices()).model
    model.compile("rmsprop", "mse")
    keras_archive.inspect(save(model, tmp_path / "model.keras"))


def mixed() -> keras.Model:
    """All that an image classifier may be made of, in mixed precision."""
    keras.mixed_precision.set_global_policy("mixed_float16")
    try:
        inputs = keras.Input((16, 16, 3))
        tensor = layers.Rescaling(1 / 255)(inputs)
        for layer in (layers.RandomRotation, layers.RandomZoom, layers.RandomContrast, layers.RandomBrightness):
            tensor = layer(0.1)(tensor)
        tensor = layers.RandomTranslation(0.1, 0.1)(layers.RandomFlip("horizontal")(tensor))
        tensor = layers.Conv2D(4, 3, activation="relu", kernel_regularizer="l2", kernel_constraint="max_norm")(tensor)
        tensor = layers.BatchNormalization()(tensor)
        tensor = keras.ops.relu(tensor * 2 + 1)[:, 1:, ...]  # operations without layers
        tensor = layers.Dropout(0.2)(layers.Activation(keras.activations.tanh)(layers.Flatten()(tensor)))
        outputs = layers.Dense(3, activation="softmax", kernel_initializer="he_normal", dtype="float32")(tensor)
        model = keras.Model(inputs, outputs)
        schedule = keras.optimizers.schedules.CosineDecay(1e-3, 100)
        metrics = ["accuracy", keras.metrics.TopKCategoricalAccuracy(2)]
        model.compile(keras.optimizers.RMSprop(schedule), keras.losses.categorical_crossentropy, metrics=metrics)
        model.train_on_batch(np.zeros((2, 16, 16, 3)), np.eye(3)[:2])
    finally:
        keras.mixed_precision.set_global_policy("float32")
    return model


def adapted() -> keras.Model:
    """A layer with a table that was learned: Keras keeps it under assets/."""
    lookup = layers.StringLookup()
    lookup.adapt(np.array(["rock", "paper"]))
    return keras.Sequential([keras.Input((1,), dtype="string"), lookup])


def nested() -> keras.Model:
    inner = keras.applications.MobileNetV3Small((32, 32, 3), include_top=False, weights=None)
    model = keras.Sequential([keras.Input((32, 32, 3)), inner, layers.GlobalAveragePooling2D(), layers.Dense(1)])
    model.compile(keras.optimizers.AdamW(), keras.losses.BinaryCrossentropy(from_logits=True))
    return model


def words() -> keras.Model:
    """A layer with a table."""
    lookup = layers.StringLookup(vocabulary=["rock", "paper"])
    return keras.Sequential([keras.Input((1,), dtype="string"), lookup])


@pytest.mark.parametrize("make", [mixed, nested, words, adapted])
def test_models_of_many_parts_pass(make: Callable[[], keras.Model], tmp_path: Path) -> None:
    keras_archive.inspect(save(make(), tmp_path / "model.keras"))


@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file")
def test_legacy_configs_pass(tmp_path: Path) -> None:
    path = save(keras.Sequential([keras.Input((4,)), layers.Dense(2, activation="relu")]), tmp_path / "model.h5")
    with h5py.File(path) as file:
        keras_archive.inspect_config(file.attrs["model_config"], path.name)


def payload(marker: Path) -> keras.Model:
    """A network that writes a file when it is built; the path is a constant of the code that Keras stores."""
    code = eval(f"lambda x: (open({str(marker)!r}, 'w').close(), x)[1]")  # noqa: S307 - a file's author writes this
    return keras.Sequential([keras.Input((2,)), layers.Dense(1), layers.Lambda(code, name="scale")])


def test_a_lambda_is_refused_and_not_run(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    path = save(payload(marker), tmp_path / "model.keras")
    marker.unlink()  # building it here has run it
    with pytest.raises(
        InputError, match=r"received (Lambda|__lambda__) in layer 'scale' of model\.keras; pass --trust"
    ):
        keras_archive.inspect(path)
    with pytest.raises(InputError, match="Lambda"):
        weights.load(keras.Sequential([keras.Input((2,)), layers.Dense(1)]), path)
    assert not marker.exists()
    keras.saving.load_model(path, safe_mode=False)
    assert marker.exists()  # it was no dud


def test_trusted_weights_are_read_without_running_anything(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    source = payload(marker)
    path = save(source, tmp_path / "model.keras")
    marker.unlink()
    target = keras.Sequential([keras.Input((2,)), layers.Dense(1)])
    weights.load(target, path, trust=True)
    assert np.array_equal(target.get_weights()[0], source.get_weights()[0])
    assert not marker.exists()


@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file")
def test_a_legacy_lambda_is_refused(tmp_path: Path) -> None:
    path = save(payload(tmp_path / "marker"), tmp_path / "model.h5")
    with h5py.File(path) as file, pytest.raises(InputError, match="Lambda"):
        keras_archive.inspect_config(file.attrs["model_config"], path.name)


class Mine(layers.Layer):  # type: ignore[misc]
    """A layer of somebody's own."""

    def call(self, inputs: Any) -> Any:
        return inputs


def test_own_layers_are_refused(tmp_path: Path) -> None:
    path = save(keras.Sequential([keras.Input((2,)), Mine(name="own")]), tmp_path / "model.keras")
    with pytest.raises(InputError, match="Mine in layer 'own'"):
        keras_archive.inspect(path)


def test_registered_layers_are_refused(tmp_path: Path) -> None:
    registered = keras.saving.register_keras_serializable("pack")(type("Registered", (layers.Dense,), {}))
    path = save(keras.Sequential([keras.Input((2,)), registered(1)]), tmp_path / "model.keras")
    keras.saving.get_custom_objects().clear()
    with pytest.raises(InputError, match="Registered"):
        keras_archive.inspect(path)


def rewrite(path: Path, **members: bytes) -> Path:
    """Exchange members of an archive; `config` and `weights` stand for their files."""
    names = {"config.json": "config", "model.weights.h5": "weights"}
    with zipfile.ZipFile(path) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, members.get(names.get(name, ""), content))
    return path


def test_vocabularies_by_path_are_refused(tmp_path: Path) -> None:
    """Keras writes a table into the archive, never the path that it came from: only an attacker does."""
    path = save(words(), tmp_path / "model.keras")
    config = keras_archive.read_member(path, "config.json")
    listed = b'"vocabulary": ["rock", "paper"]'
    assert listed in config
    with pytest.raises(InputError, match="received the vocabulary /etc/passwd in layer 'string_lookup"):
        keras_archive.inspect(rewrite(path, config=config.replace(listed, b'"vocabulary": "/etc/passwd"')))


def test_damaged_weights_in_an_archive_are_refused(tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((2,)), layers.Dense(1)])
    path = rewrite(save(model, tmp_path / "model.keras"), weights=b"\x89HDF\r\n\x1a\n")
    with pytest.raises(InputError, match=r"does not read.*model\.keras"):
        weights.load(model, path)
