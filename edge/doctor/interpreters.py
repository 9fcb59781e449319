"""The runtimes that are installed, each imported in a process of its own, and numpy, which they are built against."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ..python_process import run_python
from .finding import Finding, good, problem

# What is imported of each, and the distribution that brings it. They are those of edge/interpreters, which itself
# cannot be imported where numpy is amiss.
RUNTIMES = {
    "litert": ("ai_edge_litert.interpreter", "ai-edge-litert"),
    "tflite-runtime": ("tflite_runtime.interpreter", "tflite-runtime"),
    "onnxruntime": ("onnxruntime", "onnxruntime"),
}
_NUMPY_1 = "tflite-runtime"  # built against it


@dataclass(frozen=True)
class Package:
    """An installed package; `failure` says why it does not load, and is None where it does."""

    name: str
    version: str
    failure: str | None


@dataclass(frozen=True)
class InterpreterFacts:
    """What is installed, of all that edgeproof can use; `numpy` is None where there is none."""

    installed: tuple[Package, ...]
    numpy: Package | None


def look(_: Path) -> InterpreterFacts:
    """Import each in a process of its own."""
    found = [
        package(name, module, distribution)
        for name, (module, distribution) in RUNTIMES.items()
        if importlib.util.find_spec(module.split(".")[0]) is not None
    ]
    has_numpy = importlib.util.find_spec("numpy") is not None
    return InterpreterFacts(tuple(found), package("numpy", "numpy", "numpy") if has_numpy else None)


def package(name: str, module: str, distribution: str) -> Package:
    """Look at one package that is installed."""
    try:
        number = version(distribution)
    except PackageNotFoundError:  # Debian's own, say
        number = "of unknown version"
    return Package(name, number, run_python(["-c", f"import {module}"]).failure)


def judge(facts: InterpreterFacts) -> Iterator[Finding]:
    """Say which of them work."""
    numpy = facts.numpy
    if numpy is None:
        yield problem("no numpy", "pip install 'edgeproof[edge]'")
    elif numpy.failure is not None:
        yield problem(f"numpy {numpy.version} does not load: {numpy.failure}", _mend("numpy"))
    else:
        yield good(f"numpy {numpy.version}")
    for each in facts.installed:
        if each.failure is None:
            yield good(f"interpreter {each.name} {each.version}")
        else:
            yield problem(f"interpreter {each.name} {each.version} does not load: {each.failure}", _todo(each, numpy))
    if not facts.installed:
        yield problem("no interpreter", "pip install 'edgeproof[edge]', or [tflite-runtime] for 32-bit Arm, or [onnx]")


def _todo(package: Package, numpy: Package | None) -> str:
    if package.name == _NUMPY_1 and numpy is not None and not numpy.version.startswith("1."):
        return "it is built against numpy 1: pip install 'numpy<2'"
    if package.failure is not None and "SIGILL" in package.failure:
        return "it is built for a newer processor; use another interpreter"
    return _mend(RUNTIMES[package.name][1])


def _mend(distribution: str) -> str:
    return f"pip install --force-reinstall {distribution}"
