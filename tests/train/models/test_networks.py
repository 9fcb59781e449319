"""The networks against the figures of the article and the course: shapes and counts of weights, counted by hand."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from edgeproof.edge.contract import Activation, Color, ImageInput
from edgeproof.edge.errors import InputError
from edgeproof.train.models import NAMES, load_recipe
from edgeproof.train.models.choices import Choices, Head
from edgeproof.train.models.recipe import NumberRecipe, PictureRecipe
from edgeproof.train.models.transfer import BACKBONES

PLAIN = [name for name in NAMES if name not in ("hello", "inception", "transfer")]


def picture_recipe(name: str) -> PictureRecipe:
    found = load_recipe(name)
    assert isinstance(found, PictureRecipe)
    return found


def labels(count: int) -> tuple[str, ...]:
    return tuple(f"label-{index}" for index in range(count))


@pytest.mark.parametrize(
    ("name", "classes", "weights"),
    [
        ("fashion-dense", 10, 28 * 28 * 128 + 128 + 128 * 10 + 10),
        # 26 → 13 → 11 → 5 pixels
        ("fashion-cnn", 10, (9 + 1) * 64 + (9 * 64 + 1) * 64 + (5 * 5 * 64 + 1) * 128 + (128 + 1) * 10),
        # 298 → 149 → 147 → 73 → 71 → 35 pixels
        ("horses-humans", 2, 448 + 4640 + 18496 + (35 * 35 * 64 + 1) * 512 + 513),
        # 148 → 74 → 72 → 36 → 34 → 17 pixels: the 9,494,561 of the course's notebook
        ("cats-dogs", 2, 9_494_561),
        ("rps", 3, 448 + 4640 + 18496 + (17 * 17 * 64 + 1) * 512 + 513 * 3),
    ],
)
def test_weights_are_as_many_as_counted_by_hand(name: str, classes: int, weights: int) -> None:
    chosen = picture_recipe(name)
    network = chosen.build(chosen.input, chosen.output(labels(classes)), Choices())
    assert network.model.count_params() == weights


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize("classes", [2, 5])
def test_the_last_layer_follows_from_the_classes(name: str, classes: int) -> None:
    chosen = picture_recipe(name)
    output = chosen.output(labels(classes))
    spec = ImageInput(height=40, width=50, channels=1, color=Color.GRAY)
    model = chosen.build(spec, output, Choices()).model
    sigmoid = classes == 2 and name in ("cats-dogs", "horses-humans")
    assert output.activation is (Activation.SIGMOID if sigmoid else Activation.SOFTMAX)
    assert model.output_shape == (None, 1 if sigmoid else classes)
    assert model.layers[-1].activation.__name__ == output.activation.value


def test_global_average_pooling_makes_the_small_network() -> None:
    rps = picture_recipe("rps")
    network = rps.build(rps.input, rps.output(labels(3)), Choices(head=Head.GAP))
    assert network.model.count_params() * 4 < 1_000_000  # bytes, where 38 MB were


def test_choices_that_do_not_fit_are_one_line() -> None:
    dense, rps = picture_recipe("fashion-dense"), picture_recipe("rps")
    with pytest.raises(InputError, match="expected --head flatten for fashion-dense"):
        dense.build(dense.input, dense.output(labels(3)), Choices(head=Head.GAP))
    with pytest.raises(InputError, match="with transfer or inception only"):
        rps.build(rps.input, rps.output(labels(3)), Choices(weights="imagenet"))
    with pytest.raises(InputError, match="pass a larger --size"):
        rps.build(ImageInput(height=8, width=8, channels=3), rps.output(labels(3)), Choices())


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    makers = {
        "inception-v3": keras.applications.InceptionV3,
        "mobilenet-v2": keras.applications.MobileNetV2,
        "mobilenet-v3-small": keras.applications.MobileNetV3Small,
    }
    folder = tmp_path_factory.mktemp("weights")
    for name, make in makers.items():
        make(include_top=False, weights=None, input_shape=(96, 96, 3)).save_weights(folder / f"{name}.weights.h5")
    return {name: folder / f"{name}.weights.h5" for name in makers}


@pytest.mark.parametrize("backbone", BACKBONES)
@pytest.mark.parametrize("head", list(Head))
def test_a_transferred_network_is_its_backbone_and_its_head(
    weights: dict[str, Path], backbone: str, head: Head
) -> None:
    transfer = picture_recipe("transfer")
    spec = ImageInput(height=96, width=96, channels=3)
    choices = Choices(head=head, backbone=backbone, weights=weights[backbone])
    network = transfer.build(spec, transfer.output(labels(4)), choices)
    assert network.backbone is not None
    assert network.head is not None
    assert not network.backbone.trainable_variables
    assert len(network.model.trainable_variables) == 4  # two dense layers
    pictures = keras.random.uniform((3, *spec.shape), seed=1)
    whole = keras.ops.convert_to_numpy(network.model(pictures, training=False))
    parts = keras.ops.convert_to_numpy(network.head(network.backbone(pictures), training=False))
    assert whole == pytest.approx(parts, abs=1e-6)
    assert (len(network.backbone.output_shape) == 2) == (head is Head.GAP)


def test_inception_is_the_articles(weights: dict[str, Path]) -> None:
    inception = picture_recipe("inception")
    network = inception.build(inception.input, inception.output(labels(2)), Choices(weights=weights["inception-v3"]))
    assert network.backbone is not None
    assert network.backbone.output_shape == (None, 7, 7, 768)  # mixed7 at 150×150
    # The course prints 47,512,481 for the same network.
    assert network.model.count_params() == 47_512_481


def test_the_range_of_the_weights_is_scaled_to(weights: dict[str, Path]) -> None:
    transfer = picture_recipe("transfer")
    spec = ImageInput(height=96, width=96, channels=3)
    output = transfer.output(labels(2))
    same, other = (
        transfer.build(
            spec, output, Choices(Head.GAP, "mobilenet-v2", weights["mobilenet-v2"], weights_range=limits)
        ).backbone
        for limits in (None, (-1.0, 1.0))
    )
    assert same is not None
    assert other is not None
    pictures = keras.random.uniform((2, *spec.shape), seed=1)
    scaled, right, wrong = (np.asarray(value) for value in (other(pictures), same(pictures * 2 - 1), same(pictures)))
    size = np.linalg.norm(right)  # random weights leave little of it
    assert np.linalg.norm(scaled - right) < 1e-3 * size
    assert np.linalg.norm(scaled - wrong) > 1e-2 * size


def test_transfer_says_what_it_needs(weights: dict[str, Path]) -> None:
    transfer = picture_recipe("transfer")
    output = transfer.output(labels(2))
    cases = {
        "expected --weights": Choices(),
        "expected a backbone of inception-v3": Choices(backbone="resnet", weights="imagenet"),
    }
    for message, choices in cases.items():
        with pytest.raises(InputError, match=message):
            transfer.build(transfer.input, output, choices)
    small = ImageInput(height=40, width=40, channels=3)
    with pytest.raises(InputError, match="at least 75 pixels for inception-v3, received 40×40×3"):
        transfer.build(small, output, Choices(weights=weights["inception-v3"]))


def test_every_name_has_a_recipe_and_a_source() -> None:
    import importlib

    from edgeproof.train import models

    for name in NAMES:
        assert load_recipe(name).name == name
        module = importlib.import_module(f"edgeproof.train.models.{models._MODULES[name]}")
        text = (module.__doc__ or "") + str(getattr(module.RECIPE.build, "__doc__", ""))
        assert "article" in text
    with pytest.raises(InputError, match="expected a model of hello, fashion-dense"):
        load_recipe("mnist")
    assert not isinstance(load_recipe("rps"), NumberRecipe)
