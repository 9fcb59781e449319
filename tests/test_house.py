"""The rules of the house: its layers, no circles, small files, small functions, and a picture that is true."""

from __future__ import annotations

import ast
import html
import re
from collections import defaultdict
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from drawn_imports import boxes, shortest
from import_graph import PROGRAMS, ROOT, imports, modules

MOST_LINES, LONGEST = 300, 50
REASON = "# Long because "  # above a function that is longer
GUIDE = ROOT / "docs" / "house.md"
FILES = sorted(path for folder in (*PROGRAMS, "tests", "tools", "docs") for path in (ROOT / folder).rglob("*.py"))
OURS = [path for path in FILES if path.relative_to(ROOT).parts[0] in PROGRAMS]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def layers() -> list[list[str]]:
    """The table in the guide, from the top layer to the lowest: the folders and files of edge in each."""
    text = GUIDE.read_text(encoding="utf-8")
    table = text[text.index("| layer |") :].split("\n\n")[0].splitlines()[2:]
    return [re.findall(r"`([\w./]+)`", row.split("|")[2]) for row in table]


def place(module: str) -> str:
    """The folder of edge that a module is in, or its own file where it lies beside them."""
    path = modules()[module].relative_to(ROOT / "edge")
    return f"{path.parts[0]}/" if len(path.parts) > 1 else path.name


def test_no_module_imports_itself_by_others() -> None:
    assert len(list(TopologicalSorter(imports()).static_order())) > 400


def test_no_folder_imports_itself_by_others() -> None:
    folders: dict[str, set[str]] = defaultdict(set)
    for module, others in imports().items():
        for other in others:
            one, two = (".".join(each.split(".")[:3]) for each in (module, other))
            if one != two and one.count(".") == two.count(".") == 2:
                folders[one].add(two)
    assert len(list(TopologicalSorter(folders).static_order())) > 100


def test_every_place_of_edge_is_in_one_layer() -> None:
    there = {place(module) for module in modules() if module.startswith("edgeproof.edge.")}
    said = [each for layer in layers() for each in layer]
    assert sorted(said) == sorted(there)


def test_layers_of_edge_import_what_is_below_them() -> None:
    depth = {each: number for number, layer in enumerate(layers()) for each in layer}
    upward = [
        f"{module} imports {other}"
        for module, others in imports().items()
        for other in others
        if module.startswith("edgeproof.edge.")
        and other.startswith("edgeproof.edge.")
        and depth[place(other)] < depth[place(module)]
    ]
    assert upward == []


def test_picture_of_the_imports_is_that_of_these_files() -> None:
    drawn = (ROOT / "docs" / "imports.svg").read_text(encoding="utf-8")
    titles = [html.unescape(title) for title in re.findall(r"<title>(.*?)</title>", drawn)]
    arrows = {f"{one}->{two}" for one, others in shortest(boxes(imports())).items() for two in others}
    assert {title for title in titles if "->" in title} == arrows, "draw it anew: ./tools/imports"


def test_circles_are_found() -> None:
    with pytest.raises(ValueError, match=r"expected no circle, received [ab] → [ab] → [ab]"):
        shortest({"a": {"b"}, "b": {"a"}})


def test_no_file_is_long() -> None:
    assert [name(path) for path in FILES if len(path.read_text("utf-8").splitlines()) > MOST_LINES] == []


def unexplained(source: str) -> Iterator[str]:
    """The functions that are longer than they may be, and give no reason above."""
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            above = lines[first - 2].strip() if first > 1 else ""
            if (node.end_lineno or 0) - node.lineno >= LONGEST and not above.startswith(REASON):
                yield node.name


def test_no_function_is_long_without_a_reason() -> None:
    assert {name(path): found for path in FILES if (found := list(unexplained(path.read_text("utf-8"))))} == {}


def test_long_functions_are_found() -> None:
    long, longer = (f"def f():\n{'    pass' + chr(10)}" + "    pass\n" * count for count in (LONGEST - 2, LONGEST - 1))
    assert list(unexplained(long)) == []
    assert list(unexplained(longer)) == ["f"]
    assert list(unexplained(f"{REASON}of its table.\n{longer}")) == []


def test_every_module_says_what_it_is() -> None:
    assert [name(path) for path in OURS if not ast.get_docstring(ast.parse(path.read_text("utf-8")))] == []


def test_every_folder_is_installed() -> None:
    folders = {".".join(("edgeproof", *path.parent.relative_to(ROOT).parts)) for path in OURS}
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    listed = re.findall(r'"(edgeproof[\w.]*)"', text[text.index("packages = [") :].split("]")[0])
    assert sorted(listed) == sorted(folders)
