"""Names of a package that are looked up when they are asked for, so that importing it costs nothing."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping


def lazily(package: str, places: Mapping[str, str]) -> Callable[[str], object]:
    """Make a package's `__getattr__`, which gives the names of `places` out of the modules where they are.

    Args:
        package: its `__name__`.
        places: the module of each name, relative to the package.
    """

    def attribute(name: str) -> object:
        if name not in places:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(importlib.import_module(places[name], package), name)

    return attribute
