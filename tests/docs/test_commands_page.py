"""The page of commands has them all; each speaks for itself."""

from __future__ import annotations

import argparse
import re

import pytest

from edgeproof.edge import cli
from pages import Page


def test_every_command_is_on_the_page() -> None:
    named = re.findall(r"^```\{command-help\} (\w+)$", Page.read("docs/commands.md").text, re.MULTILINE)
    assert named == list(cli._COMMANDS)


@pytest.mark.parametrize("command", sorted(set(cli._COMMANDS) - {"service"}))  # which words its help itself
def test_every_option_says_what_it_does(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    parsers: list[argparse.ArgumentParser] = []
    monkeypatch.setattr(argparse.ArgumentParser, "print_help", lambda self, *_: parsers.append(self))
    assert cli.main([command, "--help"]) == 0
    (parser,) = parsers
    silent = [action.dest for action in parser._actions if not action.help]
    assert silent == []
