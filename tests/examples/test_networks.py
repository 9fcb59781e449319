"""The networks that the examples write by hand are those that `edgeproof train` builds."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import pytest

from edgeproof.train.models import load_recipe
from edgeproof.train.models.recipe import Choices, NumberRecipe, PictureRecipe
from tutorial import EXAMPLES, load_example

PICTURES = {
    "2_fashion": ("fashion-dense", 10),
    "3_convolutions": ("fashion-cnn", 10),
    "4_real_pictures": ("horses-humans", 2),
    "8_multi_class": ("rps", 3),
}


def layers(model: keras.Model) -> list[tuple[str, dict[str, Any]]]:
    """What each layer is, but for its name."""
    return [(type(layer).__name__, {**layer.get_config(), "name": ""}) for layer in model.layers]


def shapes(weights: list[keras.Variable]) -> list[tuple[int, ...]]:
    return sorted(tuple(one.shape) for one in weights)


def recipe_of(name: str) -> PictureRecipe:
    recipe = load_recipe(name)
    assert isinstance(recipe, PictureRecipe)
    return recipe


def test_the_neuron_is_the_same() -> None:
    recipe = load_recipe("hello")
    assert isinstance(recipe, NumberRecipe)
    hello = load_example("1_hello")
    assert layers(hello.network()) == layers(recipe.build(recipe.input))
    assert [values.tolist() for values in recipe.samples] == [hello.X.tolist(), hello.Y.tolist()]


@pytest.mark.parametrize("example", PICTURES)
def test_the_layers_are_the_same(example: str) -> None:
    name, classes = PICTURES[example]
    recipe = recipe_of(name)
    output = recipe.output(tuple("abcdefghij"[:classes]))
    built = recipe.build(recipe.input, output, Choices()).model
    by_hand = load_example(example).network(*([] if classes == 2 else [classes]))
    assert by_hand.input_shape == built.input_shape
    assert layers(by_hand) == layers(built)


def test_the_transferred_network_is_the_same(weights: Path) -> None:
    recipe = recipe_of("inception")
    spec = replace(recipe.input, height=75, width=75)
    built = recipe.build(spec, recipe.output(("cats", "dogs")), Choices(weights=weights))
    by_hand = load_example("7_transfer_learning").network(75)
    assert built.head is not None
    assert layers(by_hand)[1:] == layers(built.head)
    assert by_hand.count_params() == built.model.count_params()
    assert shapes(by_hand.trainable_weights) == shapes(built.model.trainable_weights)
    assert shapes(by_hand.non_trainable_weights) == shapes(built.model.non_trainable_weights)


def test_a_reader_may_have_three_classes_of_real_pictures() -> None:
    assert load_example("4_real_pictures").network(3, "softmax").output_shape == (None, 3)


@pytest.mark.parametrize("example", [path.stem for path in EXAMPLES if path.stem != "1_hello"])
def test_a_folder_that_is_missing_is_one_line(
    example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [f"{example}.py", "--data", str(tmp_path / "nowhere"), "--out", str(tmp_path / "run")]
    monkeypatch.setattr(sys, "argv", words)
    assert load_example(example).main() == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: expected ")
    assert "nowhere" in line
    assert not (tmp_path / "run").exists()
