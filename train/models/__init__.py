"""The networks by name: one file each, with a `RECIPE`, loaded only when it is the one chosen."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, cast

from ...edge.errors import InputError

if TYPE_CHECKING:  # these load Keras, which takes seconds
    from .recipe import NumberRecipe, PictureRecipe

_MODULES = {
    "hello": "hello",
    "fashion-dense": "fashion_dense",
    "fashion-cnn": "fashion_cnn",
    "horses-humans": "horses_humans",
    "cats-dogs": "cats_dogs",
    "inception": "inception",
    "transfer": "transfer",
    "rps": "rps",
}
NAMES = tuple(_MODULES)
OF_NUMBERS = frozenset({"hello"})
# Where the pictures come from if no one says.
OWN_DATA = {"fashion-dense": "fashion-mnist", "fashion-cnn": "fashion-mnist"}


def check_name(name: str) -> None:
    """Look whether there is a network of that name, without loading Keras.

    Raises:
        InputError: there is none.
    """
    if name not in _MODULES:
        raise InputError(f"expected a model of {', '.join(NAMES)}, received {name!r}")


def load_recipe(name: str) -> PictureRecipe | NumberRecipe:
    """Find a recipe by name.

    Raises:
        InputError: there is no network of that name.
    """
    check_name(name)
    module = importlib.import_module(f".{_MODULES[name]}", __package__)
    return cast("PictureRecipe | NumberRecipe", module.RECIPE)
