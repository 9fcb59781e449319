"""The page of commands has them all; each speaks for itself."""

from __future__ import annotations

import re

from edgeproof.edge import cli
from pages import Page


def test_every_command_is_on_the_page() -> None:
    named = re.findall(r"^```\{command-help\} (\w+)$", Page.read("docs/commands.md").text, re.MULTILINE)
    assert named == list(cli._COMMANDS)
