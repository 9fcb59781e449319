"""Whether the files of a checkout agree on the release: pyproject.toml says the version, and all others follow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from .declared import UNRELEASED, Section, built_documentation, changelog, citation, mentions, project
from .refusal import Refusal, unless_same

_LICENCE = "Apache-2.0"


def agreement(root: Path, documentation: Path | None, today: date | None) -> list[Refusal]:
    """Hold the files against each other.

    Args:
        root: of the checkout.
        documentation: the folder of the built pages, where they are to be held against it too.
        today: the day of the release; None for a draft, whose newest changes may be unreleased yet.
    """
    version = str(project(root)["version"])
    return [
        *_changelog(changelog(root), version, today),
        *_citation(root, version),
        *_documentation(root, documentation, version),
        *_licence(root),
    ]


def _changelog(sections: list[Section], version: str, today: date | None) -> Iterator[Refusal]:
    wanted = f"a top heading '## {version} ({today or 'YYYY-MM-DD'})' in CHANGELOG.md"
    top = next(iter(sections), None)
    if top and top.heading == UNRELEASED:
        if today is None:
            return
        if top.text:
            yield Refusal(f"nothing under '## {UNRELEASED}' in CHANGELOG.md", _first(top.text), f"head it {version}")
        top = next(iter(sections[1:]), None)
    if top is None or top.version is None or top.date is None:
        yield Refusal(wanted, f"'## {top.heading}'" if top else "none", "write it")
        return
    yield from unless_same("version of CHANGELOG.md's top heading", version, top.version, "change the wrong one")
    if today is not None:
        yield from unless_same(
            "date of CHANGELOG.md's top heading", str(today), top.date, "set it to the day of the release"
        )


def _first(text: str) -> str:
    line = text.splitlines()[0]
    return f"'{line[:60]}{'…' if len(line) > 60 else ''}'"


def _citation(root: Path, version: str) -> Iterator[Refusal]:
    yield from unless_same("version of CITATION.cff", version, citation(root, "version"), "write it there")
    yield from unless_same("license of CITATION.cff", _LICENCE, citation(root, "license"), "write it there")
    released = next((section.date for section in changelog(root) if section.version == version), None)
    if released:
        yield from unless_same("date-released of CITATION.cff", released, citation(root, "date-released"), "set it")


def _documentation(root: Path, folder: Path | None, version: str) -> Iterator[Refusal]:
    if folder is not None:
        built = built_documentation(folder)
        yield from unless_same("built pages of version", version, built, "build them anew with ./tools/docs")
    for mention in mentions(root):
        where = f"{mention.page}, line {mention.line}: edgeproof"
        yield from unless_same(where, version, mention.version, "write the version of the release, or none")


def _licence(root: Path) -> Iterator[Refusal]:
    yield from unless_same("license of pyproject.toml", _LICENCE, str(project(root).get("license")), "write it there")
    path = root / "LICENSE"
    if not path.is_file() or "Apache License" not in path.read_text("utf-8"):
        yield Refusal("the text of the Apache License in LICENSE", "another or none", "put it there")
