"""Draws which folder imports which: grimp finds the imports, graphviz lays them out.

A box is a folder with what lies within it. The files that lie beside the folders of a program are two boxes, or one:
those which import no folder of it, and those which import some. `edge` has few of the latter, and
they have boxes of their own. An arrow is left out where a longer way of arrows says the same.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_PROGRAMS = ("train", "export", "workstation", "edge")
_COLORS = {"train": "#dfe9f7", "export": "#e4f1e1", "workstation": "#f2e6f2", "edge": "#fbf1dd"}
_VOCABULARY = "edge/contract"  # which every file may import: it says what the words mean
_STYLE = """
  graph [rankdir=TB, ranksep=0.42, nodesep=0.16, fontname="Helvetica,Arial,sans-serif", bgcolor=white, newrank=true]
  node [shape=box, style="filled,rounded", color="#777777", fontname="Helvetica,Arial,sans-serif", fontsize=12,
        height=0.3, margin="0.09,0.04"]
  edge [color="#666666", arrowsize=0.6]
"""

Edges = dict[str, set[str]]


def main() -> None:
    """Draw docs/imports.svg."""
    edges = shortest(boxes(imports()))
    drawn = run("dot", "-Tsvg", source=dot(edges))
    # The version of graphviz, and a type that the page does not ask for.
    lines = [line for line in drawn.splitlines() if not line.startswith(("<?xml", "<!DOCTYPE", ' "http', "<!--"))]
    (_ROOT / "docs" / "imports.svg").write_text("\n".join(line for line in lines if line != " -->") + "\n")


def imports() -> dict[str, set[str]]:
    """List what each module imports, anywhere in its file, for types alone too."""
    import grimp  # which the tests, that hold the drawing against imports of their own finding, do without

    with tempfile.TemporaryDirectory() as name:
        package = Path(name) / "edgeproof"
        package.mkdir()
        (package / "__init__.py").touch()
        for program in _PROGRAMS:
            (package / program).symlink_to(_ROOT / program)
        sys.path.insert(0, name)
        graph = grimp.build_graph("edgeproof", cache_dir=None)
        return {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}


def boxes(found: dict[str, set[str]]) -> Edges:
    """Join modules into boxes: which box imports which."""
    where = {module: path for module in found if (path := folder(module))}
    beside = {module for module, path in where.items() if "/" not in path}
    up = {module for module in beside if any(is_other(where[module], where.get(other, "")) for other in found[module])}
    while more := {module for module in beside - up if found[module] & up}:
        up |= more
    for module in beside:
        program, name = where[module], module.rpartition(".")[2]
        if name == "__init__" or module.count(".") == 1:
            where[module] = ""  # it names what others have
        elif program == "edge" and module in up:
            where[module] = f"edge/{name}.py"
        else:
            where[module] = f"{program}/*.py" + (" (above)" if module in up else "")
    edges: Edges = defaultdict(set)
    for module, others in found.items():
        for other in others:
            one, two = where.get(module), where.get(other)
            if one and two and one != two:
                edges[one].add(two)
    return edges


def folder(module: str) -> str:
    """Give the folder that a module belongs to: a program, or the folder directly in it."""
    _, *parts = module.split(".")
    path = _ROOT.joinpath(*parts[:2])
    return "/".join(parts[:2]) if len(parts) > 1 and path.is_dir() else "".join(parts[:1])


def is_other(program: str, path: str) -> bool:
    """Tell whether a path is a folder of this program that only some of its files import."""
    return path.startswith(f"{program}/") and path != _VOCABULARY


def shortest(edges: Edges) -> Edges:
    """Leave out each arrow that a longer way replaces.

    Raises:
        ValueError: there is a circle, which has no shortest form.
    """

    def reached(start: str, path: tuple[str, ...] = ()) -> set[str]:
        if start in path:
            raise ValueError(f"expected no circle, received {' → '.join((*path, start))}")
        return {start}.union(*(reached(other, (*path, start)) for other in edges.get(start, ())))

    kept = {}
    for box, others in edges.items():
        beyond = {other: reached(other) - {other} for other in others}
        kept[box] = {other for other in others if not any(other in beyond[one] for one in others)}
    return kept


def dot(edges: Edges) -> str:
    """Write the graph in graphviz's language."""
    names = sorted(set(edges).union(*edges.values()))
    lines = ["digraph imports {", _STYLE]
    for program in _PROGRAMS:
        lines.append(f'subgraph "cluster_{program}" {{ label="{program}"; color="#bbbbbb"; fontsize=13;')
        lines += [
            f'  "{name}" [label="{name.partition("/")[2]}", fillcolor="{_COLORS[program]}"]'
            for name in names
            if name.startswith(f"{program}/")
        ]
        lines.append("}")
    lines += [f'"{one}" -> "{two}"' for one in sorted(edges) for two in sorted(edges[one])]
    return "\n".join([*lines, "}"])


def run(*command: str, source: str) -> str:
    """Run a program that reads a text and writes one."""
    return subprocess.run(command, input=source, capture_output=True, text=True, check=True).stdout  # noqa: S603 - dot


if __name__ == "__main__":
    main()
