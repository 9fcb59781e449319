"""The tutorial's examples, as programs and as modules, and its pages."""

from __future__ import annotations

import importlib.util
import io
import runpy
import sys
from contextlib import redirect_stdout
from types import ModuleType
from unittest import mock

import pytest

from pages import DOCS, ROOT

EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
PAGES = sorted((DOCS / "tutorial").glob("[0-9]*.md"))


def run_example(name: str, *words: object, code: int = 0) -> str:
    """Run `examples/NAME.py` as Python runs a program, in this process, which has loaded TensorFlow already.

    Insists on its exit code, and returns what it printed.
    """
    path = str(ROOT / "examples" / f"{name}.py")
    printed = io.StringIO()
    program = mock.patch.object(sys, "argv", [path, *map(str, words)])
    with program, redirect_stdout(printed), pytest.raises(SystemExit) as ended:
        runpy.run_path(path, run_name="__main__")
    assert ended.value.code == code, printed.getvalue()
    return printed.getvalue()


def load_example(name: str) -> ModuleType:
    """Import `examples/NAME.py`, whose name is none that `import` takes."""
    spec = importlib.util.spec_from_file_location(f"example_{name}", ROOT / "examples" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
