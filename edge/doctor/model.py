"""Whether this device can run a model: the whole check, in a process of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import ExitCode
from ..python_process import Ended, run_python
from .finding import Finding, advice, good, problem


@dataclass(frozen=True)
class ModelFacts:
    """How the check ended; `report` is what it printed, None where it crashed or refused its input."""

    file: str
    code: int | None
    failure: str | None
    report: dict[str, Any] | None


def look(path: Path) -> ModelFacts:
    """Check a model file."""
    return read(path.name, run_python(["-m", "edgeproof.edge", "check", str(path.absolute()), "--json"]))


def read(file: str, ended: Ended) -> ModelFacts:
    """Read what a check printed."""
    whole = ended.code in (ExitCode.GOOD, ExitCode.FAILED, ExitCode.INCONCLUSIVE) and ended.out
    return ModelFacts(file, ended.code, ended.failure, json.loads(ended.out) if whole else None)


def judge(facts: ModelFacts) -> Iterator[Finding]:
    """Say whether it runs here, and answers as on the workstation."""
    if facts.report is None:
        failure = (facts.failure or "").removeprefix("error: ")
        todo = "try another interpreter: edgeproof check MODEL --interpreter …" if "crash" in failure else ""
        yield problem(f"{facts.file}: {failure}", todo)
        return
    words = [stage["words"] for stage in facts.report["stages"] if not stage["passed"]]
    if facts.code == ExitCode.GOOD:
        count = len(facts.report["frames"])
        spent = f"{count} golden frame(s) in {facts.report['milliseconds']:.0f} ms"
        yield good(f"{facts.file} answers here as on the workstation ({facts.report['interpreter']}, {spent})")
    elif facts.code == ExitCode.INCONCLUSIVE:
        yield advice(f"{facts.file} cannot be checked", words[0])
    else:
        yield problem(f"{facts.file}: {words[0]}", "edgeproof check says more")
