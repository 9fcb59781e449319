"""Wheels with next to nothing in them, and what pyproject.toml says of ours."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest

PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"


def make_wheel(
    folder: Path, name: str, version: str, tag: str, *requires: str, python: str = ">=3.9", code: str = ""
) -> Path:
    """Write a wheel with one module; `requires` are lines of its metadata."""
    folder.mkdir(parents=True, exist_ok=True)
    module = name.replace("-", "_").replace(".", "_")
    info = f"{module}-{version}.dist-info"
    path = folder / f"{module}-{version}-{tag}.whl"
    metadata = [f"Name: {name}", f"Version: {version}", f"Requires-Python: {python}"]
    metadata += [f"Requires-Dist: {line}" for line in requires]
    pure = "true" if tag.endswith("-any") else "false"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{module}.py", code)
        wheel.writestr(f"{info}/METADATA", "\n".join(["Metadata-Version: 2.1", *metadata, ""]))
        wheel.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: {pure}\nTag: {tag}\n")
        wheel.writestr(f"{info}/RECORD", f"{module}.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
    return path


def pyproject() -> dict[str, Any]:
    """Read pyproject.toml."""
    tomllib = pytest.importorskip("tomllib", reason="Python 3.10 reads no TOML")
    settings: dict[str, Any] = tomllib.loads(PYPROJECT.read_text("utf-8"))
    return settings


def declared_requirements() -> list[str]:
    """Give the requirements of edgeproof as its metadata would have them, from pyproject.toml as it is now."""
    lines = []
    for extra, requirements in pyproject()["project"]["optional-dependencies"].items():
        for line in requirements:
            requirement, _, marker = line.partition(";")
            wanted = f"extra == '{extra}'"
            lines.append(f"{requirement.strip()}; {f'({marker.strip()}) and ' if marker else ''}{wanted}")
    return lines
