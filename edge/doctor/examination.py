"""Everything looked at, in the order in which a person is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import ExitCode
from . import cameras, clock, disk, governor, heat, interpreters, machine, memory, model, opencv, picamera, python
from .finding import Finding, Level


@dataclass(frozen=True)
class Part:
    """One thing that is looked at: facts from where /proc, /sys and /dev lie, and findings from facts."""

    name: str
    look: Callable[[Path], Any]
    judge: Callable[[Any], Iterable[Finding]]


PARTS = (
    Part("machine", machine.look, machine.judge),
    Part("python", python.look, python.judge),
    Part("interpreters", interpreters.look, interpreters.judge),
    Part("opencv", opencv.look, opencv.judge),
    Part("cameras", cameras.look, cameras.judge),
    Part("picamera", picamera.look, picamera.judge),
    Part("heat", heat.look, heat.judge),
    Part("memory", memory.look, memory.judge),
    Part("disk", disk.look, disk.judge),
    Part("clock", clock.look, clock.judge),
    Part("governor", governor.look, governor.judge),
)


@dataclass(frozen=True)
class Examination:
    """What was found; `facts` holds what it rests on, by the name of the part."""

    findings: tuple[Finding, ...]
    facts: dict[str, Any]

    @property
    def code(self) -> ExitCode:
        """How the command ends: advice is no failure."""
        has_problem = any(finding.level is Level.PROBLEM for finding in self.findings)
        return ExitCode.FAILED if has_problem else ExitCode.GOOD


def examine(root: Path, path: Path | None, parts: Iterable[Part] = PARTS) -> Examination:
    """Look at this device.

    Args:
        root: where /proc, /sys, /dev, /usr and /run lie.
        path: a model file to check here too.
        parts: what to look at.
    """
    findings: list[Finding] = []
    facts: dict[str, Any] = {}
    for part in parts:
        facts[part.name] = part.look(root)
        findings.extend(part.judge(facts[part.name]))
    if path is not None:
        facts["model"] = model.look(path)
        findings.extend(model.judge(facts["model"]))
    return Examination(tuple(findings), facts)
