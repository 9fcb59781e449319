"""The networks by name: one file each, with a `RECIPE`, loaded only when it is the one chosen."""

from __future__ import annotations

import importlib
from typing import cast

from ...edge.errors import InputError
from .recipe import NumberRecipe, PictureRecipe

_MODULES = {"hello": "hello", "cats-dogs": "cats_dogs", "rps": "rps"}
NAMES = tuple(_MODULES)


def recipe(name: str) -> PictureRecipe | NumberRecipe:
    """Find a recipe by name.

    Raises:
        InputError: there is no network of that name.
    """
    if name not in _MODULES:
        raise InputError(f"expected a model of {', '.join(NAMES)}, received {name!r}")
    module = importlib.import_module(f".{_MODULES[name]}", __package__)
    return cast("PictureRecipe | NumberRecipe", module.RECIPE)
