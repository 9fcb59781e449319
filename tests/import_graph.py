"""Which module of edgeproof imports which, read from the source: at any depth of a file, and for types alone too."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROGRAMS = ("edge", "workstation", "train", "export")


@cache
def modules() -> dict[str, Path]:
    """List the modules, and where they are."""
    found = {}
    for program in PROGRAMS:
        for path in sorted((ROOT / program).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(("edgeproof", *parts)).removesuffix(".__init__")] = path
    return found


@cache
def imports() -> dict[str, set[str]]:
    """List what each module imports of edgeproof."""
    known = modules()
    return {module: set(_imported(module, path, known)) - {module} for module, path in known.items()}


def _imported(module: str, path: Path, known: dict[str, Path]) -> Iterator[str]:
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            name = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                whole = f"{name}.{alias.name}"
                if whole in known or name in known:
                    yield whole if whole in known else name
