"""Sphinx's configuration: `tools/docs` builds the pages with it."""

from __future__ import annotations

import sys
from importlib.metadata import version as installed
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "extensions"))

project = "edgeproof"
author = "the edgeproof authors"
copyright = "2026, the edgeproof authors"  # noqa: A001 - Sphinx's word
release = version = installed("edgeproof")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "benchmark_tables",
    "command_help",
]
exclude_patterns = ["figures", "extensions"]
html_theme = "furo"
html_title = f"edgeproof {release}"
html_static_path = ["static"]
html_css_files = ["wide.css"]

myst_enable_extensions = ["colon_fence", "attrs_inline"]
myst_heading_anchors = 3
copybutton_exclude = ".linenos, .gp, .go"

# A link that leads nowhere is an error, and so is a name that the reference does not have.
nitpicky = True
nitpick_ignore_regex = [
    # Types of packages whose own reference is not at hand without a network.
    ("py:.*", r"(numpy|np|NDArray|npt|collections|enum|pathlib|types|typing)\b.*"),
    # What `Classifier.open` gives its constructor, which is nobody else's.
    ("py:class", "Interpreter"),
]
autodoc_typehints = "description"
default_role = "code"  # of docstrings, which write names in single backticks
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True}
napoleon_google_docstring = True
napoleon_numpy_docstring = False
