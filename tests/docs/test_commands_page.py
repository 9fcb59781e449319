"""The page of commands has them all; each speaks for itself."""

from __future__ import annotations

import argparse
import re

import pytest

from edgeproof.edge import cli
from pages import Page

PARSED = sorted(set(cli._COMMANDS) - {"service"})  # which words its help itself


def test_every_command_is_on_the_page() -> None:
    named = re.findall(r"^```\{command-help\} (\w+)$", Page.read("docs/commands.md").text, re.MULTILINE)
    assert named == list(cli._COMMANDS)


def actions(command: str, monkeypatch: pytest.MonkeyPatch) -> list[argparse.Action]:
    """List what a command takes, as its own parser has it."""
    parsers: list[argparse.ArgumentParser] = []
    monkeypatch.setattr(argparse.ArgumentParser, "print_help", lambda self, *_: parsers.append(self))
    assert cli.main([command, "--help"]) == 0
    (parser,) = parsers
    return parser._actions


@pytest.mark.parametrize("command", PARSED)
def test_every_option_says_what_it_does(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [action.dest for action in actions(command, monkeypatch) if not action.help] == []


@pytest.mark.parametrize("command", PARSED)
def test_every_default_is_named_in_the_same_words(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    valued = [action for action in actions(command, monkeypatch) if action.nargs != 0]  # others are switches
    chosen = [action for action in valued if action.default]
    assert [action.dest for action in chosen if "(default" not in str(action.help)] == []


@pytest.mark.parametrize("command", PARSED)
def test_what_is_to_be_filled_in_is_in_capitals(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    filled = [action for action in actions(command, monkeypatch) if action.nargs != 0 and not action.choices]
    assert [action.dest for action in filled if not action.metavar or not action.metavar[0][0].isupper()] == []
