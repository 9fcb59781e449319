"""What the files of a checkout say of the release: its version, its date, its licence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import tomllib

_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
_RELEASED = re.compile(r"(\d+\.\d+\.\d+) \((\d{4}-\d{2}-\d{2})\)")
_MENTION = re.compile(r"\bedgeproof(?:-| |==| version )v?(\d+\.\d+\.\d+)\b")
_INVENTORY = re.compile(rb"^# Version: (.*)$", re.MULTILINE)
UNRELEASED = "Unreleased"


@dataclass(frozen=True)
class Section:
    """A section of CHANGELOG.md; version and date are None where its heading is not like "1.2.3 (2026-01-31)"."""

    heading: str
    version: str | None
    date: str | None
    text: str


@dataclass(frozen=True)
class Mention:
    """A version of edgeproof that a page speaks of, and where."""

    page: str
    line: int
    version: str


def project(root: Path) -> dict[str, object]:
    """Read the table [project] of pyproject.toml."""
    table: dict[str, object] = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    return table


def packages(root: Path) -> dict[str, str]:
    """Read which folder each program of pyproject.toml is in: {"edgeproof.edge": "edge", …}."""
    settings = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    folders: dict[str, str] = settings["package-dir"]
    return folders


def changelog(root: Path) -> list[Section]:
    """Read the sections of CHANGELOG.md, the newest first."""
    text = (root / "CHANGELOG.md").read_text("utf-8")
    parts = _HEADING.split(text)[1:]
    return [_section(heading.strip(), body.strip()) for heading, body in zip(parts[::2], parts[1::2], strict=True)]


def _section(heading: str, text: str) -> Section:
    found = _RELEASED.fullmatch(heading)
    version, date = found.groups() if found else (None, None)
    return Section(heading, version, date, text)


def citation(root: Path, field: str) -> str | None:
    """Read a field of CITATION.cff itself, not of the works that it refers to; None where there is none."""
    path = root / "CITATION.cff"
    if not path.is_file():
        return None
    found = re.search(rf"^{field}: *[\"']?([^\"'\n]*)[\"']? *$", path.read_text("utf-8"), re.MULTILINE)
    return found[1] if found else None


def built_documentation(folder: Path) -> str | None:
    """Read which version the built pages are of, from Sphinx's inventory; None where there are none."""
    path = folder / "objects.inv"
    if not path.is_file():
        return None
    found = _INVENTORY.search(path.read_bytes())
    return found[1].decode().strip() if found else None


def mentions(root: Path) -> Iterator[Mention]:
    """Find the versions of edgeproof that README.md and the pages speak of."""
    for path in sorted([root / "README.md", *(root / "docs").rglob("*.md")]):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            for found in _MENTION.finditer(line):
                yield Mention(path.relative_to(root).as_posix(), number, found[1])
