"""The tutorial's examples, as programs and as modules, and its pages."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from types import ModuleType

from pages import DOCS, ROOT

EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
PAGES = sorted((DOCS / "tutorial").glob("[0-9]*.md"))


def run_example(name: str, *words: object, code: int = 0) -> str:
    """Run `examples/NAME.py` as a reader does; insists on its exit code, and returns what it printed."""
    command = [sys.executable, str(ROOT / "examples" / f"{name}.py"), *map(str, words)]
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}  # Keras draws tables with lines that ASCII lacks
    done = subprocess.run(  # noqa: S603 - ourselves
        command, capture_output=True, encoding="utf-8", env=environment, check=False
    )
    assert done.returncode == code, done.stderr[-3000:]
    assert "Traceback" not in done.stderr
    return done.stdout


def load_example(name: str) -> ModuleType:
    """Import `examples/NAME.py`, whose name is none that `import` takes."""
    spec = importlib.util.spec_from_file_location(f"example_{name}", ROOT / "examples" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
