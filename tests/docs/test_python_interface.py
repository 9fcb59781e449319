"""The reference has every public name, and no other."""

from __future__ import annotations

import importlib
import inspect
import re

import pytest

from pages import Page

PACKAGES = ("edgeproof.edge", "edgeproof.edge.contract", "edgeproof.train", "edgeproof.export")


def _documented(package: str) -> set[str]:
    page = Page.read(f"docs/api/{package.rpartition('.')[2]}.md")
    return set(re.findall(rf"\.\. auto(?:class|function|exception):: {package}\.(\w+)$", page.text, re.MULTILINE))


def _public(package: str) -> set[str]:
    """Give the names of classes and functions, but not types that are spelled as a union of others."""
    module = importlib.import_module(package)
    named = {name: getattr(module, name) for name in module.__all__}
    return {name for name, value in named.items() if inspect.isclass(value) or inspect.isfunction(value)}


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_is_in_the_reference(package: str) -> None:
    pytest.importorskip("keras", reason="keras is not installed")
    elsewhere = {"edgeproof.export": {"Verdict"}, "edgeproof.edge.contract": {"listed", "texts"}}
    assert _documented(package) == _public(package) - elsewhere.get(package, set())
