"""This Python."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .finding import Finding, advice, good, problem

_OLDEST = (3, 10)


@dataclass(frozen=True)
class PythonFacts:
    """`version` is (major, minor, micro); `environment` tells whether it is a virtual environment's."""

    version: tuple[int, int, int]
    implementation: str
    environment: bool
    path: str


def look(_: Path) -> PythonFacts:
    """Look at the Python that runs this."""
    version = sys.version_info[:3]
    environment = sys.prefix != sys.base_prefix
    return PythonFacts(version, platform.python_implementation(), environment, sys.executable)


def judge(facts: PythonFacts) -> Iterator[Finding]:
    """Say whether it will do."""
    version = ".".join(map(str, facts.version))
    place = "in a virtual environment" if facts.environment else "the system's own"
    found = f"{facts.implementation} {version}, {place}"
    if facts.version[:2] < _OLDEST:
        yield problem(found, "install Python 3.10 or newer")
    elif facts.implementation != "CPython":
        yield problem(found, "use CPython: interpreters are built for no other")
    elif not facts.environment:
        yield advice(found, "make one for edgeproof: python3 -m venv --system-site-packages ~/edgeproof")
    else:
        yield good(found)
