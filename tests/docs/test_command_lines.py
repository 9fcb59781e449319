"""Every command that a page shows is one that the programs take."""

from __future__ import annotations

import argparse
import re
import shlex
from pathlib import Path

import pytest

from edgeproof.edge import cli
from pages import ROOT, every_page

_EDGEPROOF = sorted({line for page in every_page() for line in page.commands("edgeproof") if " " in line})
# A shape rather than a command: something is left out, or is to be chosen from.
_SHAPE = re.compile(r"…|\[")
_MENTION = re.compile(r"\S+ \w+( --[\w-]+)?")  # of a command or of one of its options
_WHOLE = [line for line in _EDGEPROOF if not _SHAPE.search(line) and not _MENTION.fullmatch(line)]
# Where a tool's options are: its folder, and the file that all of its names share.
_FOLDERS = {"bench": ("benchmarks", "harness"), "campaign": ("campaigns", "figures"), "pi": ("emulated", "*.py")}
_TOOLS = sorted(
    {
        (tool.name, line)
        for tool in (ROOT / "tools").iterdir()
        if tool.is_file() and tool.suffix == ""
        for page in every_page()
        for line in page.commands(tool.name)
        if "tools/" in line
    }
)


class Accepted(Exception):  # noqa: N818 - no error: it ends a command once its words were understood
    """A parser took the words."""


def test_pages_have_commands() -> None:
    assert len(_WHOLE) > 30
    assert len(_TOOLS) > 20


@pytest.mark.parametrize("line", _EDGEPROOF)
def test_the_command_is_one_of_ours(line: str) -> None:
    words = line.split()[1:]
    assert words[:1] == [] or words[0] in {*cli._COMMANDS, "--help", "--version"}


@pytest.mark.parametrize("line", _WHOLE)
def test_the_words_of_the_command_are_understood(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    understood = argparse.ArgumentParser.parse_args

    def parse(self: argparse.ArgumentParser, *words: object) -> None:
        understood(self, *words)  # type: ignore[call-overload]
        raise Accepted

    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", parse)
    with pytest.raises(Accepted):
        cli.main(shlex.split(line)[1:])


@pytest.mark.parametrize(("tool", "line"), _TOOLS)
def test_the_tool_has_what_the_page_names(tool: str, line: str) -> None:
    words = shlex.split(line)[1:]
    if "--" in words:  # what follows is another program's
        words = words[: words.index("--")]
    source = "".join(file.read_text(encoding="utf-8") for file in _sources(tool, words))
    assert [word for word in words if word.startswith("--") and f'"{word}"' not in source] == []


def _sources(tool: str, words: list[str]) -> list[Path]:
    folder, shared = _FOLDERS.get(tool, (None, ""))
    if folder is None:
        return [ROOT / "tools" / tool]
    if shared == "*.py":
        return sorted((ROOT / "tools" / folder).glob(shared))
    named = [words[0]] if words and words[0] != "NAME" else []
    return [ROOT / "tools" / folder / f"{name}.py" for name in (shared, *named)]
