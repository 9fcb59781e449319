"""What pyproject.toml cannot say: the text for a package index, which has none of the files that README.md links."""

from __future__ import annotations

import re
from pathlib import Path

from setuptools import setup

_PICTURE = re.compile(r"^!\[[^\]]*\]\((?!https?:)[^)]*\)\n+", re.MULTILINE)
_LINK = re.compile(r"\[([^\]]*)\]\((?!https?:|mailto:)[^)]*\)")
_PAGES = "\nThe pages under `docs/` are in the source distribution; `tools/docs` builds them.\n"


def for_index(readme: str) -> str:
    """Give the text of README.md without its pictures, and with words in the place of links to files beside it."""
    return _LINK.sub(r"\1", _PICTURE.sub("", readme)) + _PAGES


setup(
    long_description=for_index(Path(__file__).with_name("README.md").read_text("utf-8")),
    long_description_content_type="text/markdown",
)
