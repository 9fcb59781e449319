"""`train` and `export` may import `edge`, never the other way; and `edge` runs where TensorFlow is not installed."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("edge", "workstation", "train", "export")
HEAVY = ("tensorflow", "keras", "onnx", "tf2onnx")
# What each folder must not import, by absolute module name.
FORBIDDEN = {
    "edge": (*HEAVY, *(name for other in FOLDERS[1:] for name in (other, f"edgeproof.{other}"))),
    "workstation": ("edgeproof.train", "edgeproof.export", "train", "export"),
    "train": ("edgeproof.export", "export"),
    "export": ("edgeproof.train", "train"),
}
# Calls whose first argument names a module.
IMPORTERS = {"import_module", "__import__", "find_spec", "run_module", "reload"}
# The command line starts programs by their names.
BY_NAME = {
    ("edge/cli.py", f"edgeproof.{name}") for name in ("train", "export", "train.cli", "export.cli", "export.parity_cli")
}

FILES = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]


def imported(tree: ast.AST, package: list[str]) -> Iterator[str]:
    """List the absolute names that a module imports, at any depth; `package` is the package that it is in."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            name = ".".join([*base, *([node.module] if node.module else [])])
            yield name
            yield from (f"{name}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and called(node) in IMPORTERS and node.args:
            yield from (text for text in literals(node.args[0]))


def called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def literals(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def is_within(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


def package_of(path: Path) -> list[str]:
    return ["edgeproof", *path.relative_to(ROOT).parent.parts]


def violations(source: str, folder: str, package: list[str]) -> list[str]:
    return [name for name in imported(ast.parse(source), package) if is_within(name, FORBIDDEN[folder])]


def test_every_folder_has_files() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in FILES} == set(FOLDERS)
    assert len(FILES) > 60


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_file_imports_nothing_that_is_forbidden(path: Path) -> None:
    folder = path.relative_to(ROOT).parts[0]
    assert violations(path.read_text(), folder, package_of(path)) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_other_programs_are_named_by_the_command_line_alone(path: Path) -> None:
    name = path.relative_to(ROOT).as_posix()
    folder = path.relative_to(ROOT).parts[0]
    others = "|".join(other for other in FOLDERS[1:] if other != folder)
    named = {text for text in literals(ast.parse(path.read_text())) if re.fullmatch(rf"edgeproof\.({others})\S*", text)}
    assert {(name, text) for text in named} <= BY_NAME


@pytest.mark.parametrize(
    "source",
    [
        "import tensorflow",
        "import os, keras.layers as layers",
        "from onnx import helper",
        "def f():\n    from tf2onnx.convert import from_function",
        "try:\n    import tensorflow.lite\nexcept ImportError:\n    pass",
        "from ...train import training",
        "from ... import export",
        "import edgeproof.train.training",
        "from edgeproof import export",
        "import importlib\nimportlib.import_module('keras')",
        "__import__('tensorflow')",
        "from importlib import import_module as _\nimport importlib\nimportlib.import_module('edgeproof.export.cli')",
        "class A:\n    def b(self):\n        import train",
    ],
)
def test_forbidden_imports_are_found(source: str) -> None:
    assert violations(source, "edge", ["edgeproof", "edge", "commands"]) != []


@pytest.mark.parametrize(
    "source",
    [
        "import onnxruntime",
        "from . import onnx",
        "from .onnx import split",
        "from ..interpreters import onnxruntime",
        "import numpy as np",
        "name = 'tensorflow'",
    ],
)
def test_other_imports_are_not(source: str) -> None:
    assert violations(source, "edge", ["edgeproof", "edge", "modelfile"]) == []


DEVICE = """
import importlib, pkgutil, sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"tensorflow", "keras", "onnx", "tf2onnx", "flatbuffers"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        if name.startswith(("edgeproof.train", "edgeproof.export")):
            raise AssertionError(f"edge imports {name}")

# What imports a package that a device need not have.
OPTIONAL = (
    "__main__", "tflite_runtime", "litert", "interpreters.onnxruntime", "sinks.mqtt", "sinks.metrics", "signing.keys",
)

sys.meta_path.insert(0, Absent())
import edgeproof.edge
for module in pkgutil.walk_packages(edgeproof.edge.__path__, "edgeproof.edge."):
    if not module.name.endswith(OPTIONAL) and ".edge.web." not in module.name:
        importlib.import_module(module.name)
from edgeproof.edge.cli import main
sys.exit(main(["run", sys.argv[1], "hands:2", "--quiet"]))
"""


def test_edge_runs_where_tensorflow_is_not_installed(models: Path) -> None:
    command = [sys.executable, "-W", "error", "-c", DEVICE, str(models / "rps-int8.tflite")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own interpreter
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 2
