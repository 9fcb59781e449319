"""The pages of docs/, taken apart: sections, fenced blocks, tables, links. Tests read them, and copy nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
_BLOCK = re.compile(r"^```(\w*)(?:\{[^\n]*)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)  # or {a directive}
_CODE = re.compile(r"`([^`]+)`")
_BEFORE = re.compile(r"^(sudo |[A-Z_]+=\S* )+")  # a program's name
_HEADING = re.compile(r"^(#+) +(.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, such as `sh`, and its text; `before` is the prose since the block before it."""

    language: str
    text: str
    before: str


@dataclass(frozen=True)
class Section:
    """A heading of a level, and all that stands below it until the next one of any level."""

    level: int
    title: str
    text: str

    @property
    def blocks(self) -> list[Block]:
        """The fenced blocks, in order."""
        found, end = [], 0
        for match in _BLOCK.finditer(self.text):
            found.append(Block(match[1], match[2], self.text[end : match.start()]))
            end = match.end()
        return found

    @property
    def rows(self) -> list[list[str]]:
        """The cells of the rows of its tables, without heads."""
        lines = [line for line in without_blocks(self.text).splitlines() if line.startswith("|")]
        rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
        rules = [index for index, row in enumerate(rows) if all(set(cell) <= set("-: ") for cell in row)]
        return [row for index, row in enumerate(rows) if index not in rules and index + 1 not in rules]


@dataclass(frozen=True)
class Page:
    """A whole page: its path from the root of the repository, and its text."""

    name: str
    text: str

    @classmethod
    def read(cls, name: str) -> Page:
        """Read a page by its path from the root."""
        return cls(name, (ROOT / name).read_text("utf-8"))

    def blocks(self, *languages: str) -> list[str]:
        """Give the texts of the fenced blocks of these languages, in order."""
        return [text for language, text in _BLOCK.findall(self.text) if language in languages]

    def commands(self, program: str) -> list[str]:
        """Give every line of shell and every code span in the prose that starts this program."""
        spans = [" ".join(span.split()) for span in _CODE.findall(without_blocks(self.text))]
        lines = [line for block in self.blocks("sh", "bash") for line in commands(block)]
        started = [_BEFORE.sub("", line) for line in lines + spans]
        return [line for line in started if re.match(rf"(\S*/)?{re.escape(program)}( |$)", line)]


def every_page() -> list[Page]:
    """Give the README and every page of docs/."""
    found = sorted(file.relative_to(ROOT).as_posix() for file in DOCS.rglob("*.md"))
    return [Page.read(name) for name in ("README.md", *found)]


def sections(text: str) -> list[Section]:
    """Part a page at its headings, those in fenced blocks left out."""
    hidden = _BLOCK.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    found = list(_HEADING.finditer(hidden))
    ends = [match.start() for match in found[1:]] + [len(text)]
    return [
        Section(len(match[1]), match[2].strip(), text[match.end() : end])
        for match, end in zip(found, ends, strict=True)
    ]


def section(page: str, title: str) -> Section:
    """Give the one section of a page of docs/ that has a title."""
    (found,) = (each for each in sections((DOCS / page).read_text("utf-8")) if each.title == title)
    return found


def without_blocks(text: str) -> str:
    """Leave out the fenced blocks."""
    return _BLOCK.sub("", text)


def commands(script: str) -> list[str]:
    r"""Part the text of a `sh` block into commands: comments go, and lines that end in \ are joined."""
    joined = re.sub(r"\\\n\s*", "", script)
    lines = [re.split(r"(?:^|\s{2,})#", line)[0].strip() for line in joined.splitlines()]
    return [line for line in lines if line]
