"""Every link of README.md, CHANGELOG.md and docs/ leads somewhere, and every path of the house in them is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import pages

FILES = [pages.ROOT / "README.md", pages.ROOT / "CHANGELOG.md", *sorted(pages.DOCS.rglob("*.md"))]
FOLDERS = ("docs", "edge", "examples", "export", "tests", "tools", "train", "workstation")
# What a person's own files are called in examples, and is not of this house.
THEIRS = {"tests/test_parity.py"}
_LINK = re.compile(r"!?\[[^\]]*\]\(([^()\s]+)\)")
_CODE = re.compile(r"`([^`\n]+)`")
_PATH = re.compile(rf"(?:\./)?((?:{'|'.join(FOLDERS)})(?:/[\w.-]+)*/?)")
_ELSEWHERE = ("http://", "https://", "mailto:")


def name(path: Path) -> str:
    return path.relative_to(pages.ROOT).as_posix()


def anchor(title: str) -> str:
    """Give the anchor of a heading, as GitHub and MyST do."""
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title).replace("`", "").lower()
    return re.sub(r"[^\w\- ]", "", plain).strip().replace(" ", "-")


def anchors(path: Path) -> set[str]:
    """List the anchors of a page."""
    return {anchor(section.title) for section in pages.sections(path.read_text("utf-8"))}


def links(path: Path) -> list[str]:
    """List the relative links of a page."""
    text = _CODE.sub("", pages.without_blocks(path.read_text("utf-8")))
    return [link for link in _LINK.findall(text) if not link.startswith(_ELSEWHERE)]


def paths(path: Path) -> set[str]:
    """List the paths of this house that a page names in backticks; of a command, its program."""
    words = [code.split(" ")[0].rstrip(",") for code in _CODE.findall(pages.without_blocks(path.read_text("utf-8")))]
    return {match[1] for word in words if (match := _PATH.fullmatch(word)) and "/" in match[1]} - THEIRS


def drawn(path: Path) -> set[str]:
    """List the paths of the trees that a page draws: a folder of the house, and what is indented below it."""
    found, folder = set(), ""
    for block in (block for section in pages.sections(path.read_text("utf-8")) for block in section.blocks):
        for line in block.text.splitlines():
            match = re.match(r"( {0,2})([\w.-]+/?)  ", line)
            if match and not match[1]:
                folder = match[2] if match[2].rstrip("/") in FOLDERS else ""
            if match and folder:
                found.add(folder + match[2] if match[1] else folder)
    return found


@pytest.mark.parametrize("path", FILES, ids=name)
def test_every_link_leads_to_a_file_and_a_heading(path: Path) -> None:
    for link in links(path):
        file, _, fragment = link.partition("#")
        target = path.parent / file if file else path
        assert target.exists(), link
        assert not fragment or fragment in anchors(target), link


@pytest.mark.parametrize("path", FILES, ids=name)
def test_every_path_that_is_named_is_there(path: Path) -> None:
    missing = [each for each in sorted(paths(path)) if not is_there(each)]
    assert missing == []


def is_there(path: str) -> bool:
    """Tell whether a path is in the house; a module may be named without its suffix."""
    return (pages.ROOT / path).exists() or (pages.ROOT / f"{path}.py").is_file()


def test_the_tree_of_the_house_is_the_houses() -> None:
    found = {path.as_posix(): drawn(path) for path in (pages.ROOT / "README.md", pages.DOCS / "house.md")}
    trees = set().union(*found.values())
    assert {f"{folder}/" for folder in ("edge", "export", "train", "workstation")} <= trees
    assert [each for each in sorted(trees) if not (pages.ROOT / each).exists()] == []


def test_the_way_names_a_folder_at_each_of_its_steps() -> None:
    """docs/way.md: steps are numbered from 1 on, and each names where it is done."""
    steps = [section for section in pages.sections((pages.DOCS / "way.md").read_text("utf-8")) if section.level == 3]
    assert [int(step.title.split(".")[0]) for step in steps] == list(range(1, len(steps) + 1))
    for step in steps:
        named = [match[1] for code in _CODE.findall(step.text) if (match := _PATH.fullmatch(code)) and "/" in match[1]]
        assert any((pages.ROOT / path).exists() for path in named), step.title
        assert "- *After it:*" in step.text, step.title
        assert "- *What can go wrong:*" in step.text, step.title


def test_a_link_that_leads_nowhere_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A title's end\n\nsee [there](other.md#here), `edge/none.py x`, [web](https://example.org)\n")
    assert links(page) == ["other.md#here"]
    assert paths(page) == {"edge/none.py"}
    assert not is_there("edge/none.py")
    assert anchors(page) == {"a-titles-end"}
