"""A page of the documentation as tests read it: its blocks, and the commands that it gives a person."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Page:
    """One page: its path from the root of the repository, and its text."""

    name: str
    text: str

    @classmethod
    def read(cls, name: str) -> Page:
        """Read a page by its path from the root."""
        return cls(name, (ROOT / name).read_text(encoding="utf-8"))

    def blocks(self, language: str) -> list[str]:
        """Give the fenced blocks of a language, in order."""
        return [block for found, block in _BLOCK.findall(self.text) if found == language]

    def shell(self) -> list[list[str]]:
        """Give the lines of each block of shell, without comments, continued lines in one."""
        return [_lines(block) for block in self.blocks("sh")]

    def commands(self, program: str) -> list[str]:
        """Give every line of shell and every code span in the prose that starts this program."""
        spans = [" ".join(span.split()) for span in _CODE.findall(_BLOCK.sub("", self.text))]
        lines = [line for block in self.shell() for line in block]
        return [line for line in lines + spans if re.match(rf"(\S*/)?{re.escape(program)}( |$)", line)]


def pages() -> list[Page]:
    """Give the README and every page of docs/."""
    found = sorted(file.relative_to(ROOT).as_posix() for file in (ROOT / "docs").rglob("*.md"))
    return [Page.read(name) for name in ("README.md", *found)]


def _lines(block: str) -> list[str]:
    joined = block.replace("\\\n", " ")
    stripped = (re.split(r"\s#\s?", line)[0] for line in joined.splitlines())
    return [" ".join(line.split()) for line in stripped if line.strip() and not line.startswith("#")]
