"""Commands in the blocks of docs/ are edgeproof's own: the command exists, and so does each option."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import pages

_SHELL = ("sh", "bash")
_OPTION = re.compile(r"--[a-z][a-z0-9-]*")


def commands() -> list[tuple[str, list[str]]]:
    """List the words of every call of edgeproof in a block of shell, with the page that it is on."""
    found = []
    for path in sorted(pages.DOCS.rglob("*.md")):
        blocks = [block for section in pages.sections(path.read_text("utf-8")) for block in section.blocks]
        for line in (line for block in blocks if block.language in _SHELL for line in pages.commands(block.text)):
            words = shlex.split(line)
            places = [index for index, word in enumerate(words) if Path(word).name == "edgeproof"]
            if places and places[0] <= 1 and words[places[0] + 1 :]:  # sudo may stand before it
                found.append((path.name, words[places[0] + 1 :]))
    return found


@cache
def options_of(command: str) -> frozenset[str]:
    """List the options in the help of a command; a service takes those of a run too."""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "edgeproof.edge", command, "--help"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return frozenset(_OPTION.findall(done.stdout)) | (options_of("run") if command == "service" else frozenset())


def test_there_are_commands_to_look_at() -> None:
    found = commands()
    assert {"install.md", "raspberry-pi.md", "troubleshooting.md", "ci.md", "updates.md"} <= {page for page, _ in found}
    assert {"run", "check", "doctor", "service", "bundle", "parity", "sign"} <= {words[0] for _, words in found}


@pytest.mark.parametrize(("page", "words"), commands(), ids=lambda value: value if isinstance(value, str) else "")
def test_a_command_and_its_options_exist(page: str, words: list[str]) -> None:
    given = {match[0] for word in words[1:] if (match := _OPTION.match(word))}
    assert given <= options_of(words[0]), page
