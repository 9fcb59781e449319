"""The wheel in clean environments: each Python, with the lowest and with the newest versions that it allows."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .environments import Environment, clean
from .kinds import Kind, Step

RESOLUTIONS = {"lowest": "lowest-direct", "newest": "highest"}
_SECONDS = 900.0  # in which a step must end


@dataclass(frozen=True)
class Release:
    """What is tried: the wheel, its version, and the checkout that has its tests and models."""

    root: Path
    wheel: Path
    version: str


@dataclass(frozen=True)
class Outcome:
    """What became of one environment; `failure` is empty where all went well."""

    kind: str
    python: str
    resolution: str
    seconds: float
    versions: dict[str, str] = field(default_factory=dict)
    failure: str = ""


@dataclass(frozen=True)
class Trial:
    """One environment that is to be tried; `python` is its version ("3.13") and `resolution` one of RESOLUTIONS."""

    kind: Kind
    python: str
    interpreter: Path
    resolution: str

    def run(self, release: Release) -> Outcome:
        """Make the environment, take every step of its kind, and remove it."""
        began = time.monotonic()
        versions: dict[str, str] = {}
        with tempfile.TemporaryDirectory() as name, clean(self.interpreter, Path(name) / "environment") as made:
            try:
                self._install(made, release)
                versions = {package: made.versions().get(package, "–") for package in self.kind.shown}
                failure = first_failure(made, self.kind.steps(release.root, release.version), Path(name))
            except subprocess.CalledProcessError as error:
                failure = f"install: {_shortened(error.stderr)}"
        return Outcome(self.kind.name, self.python, self.resolution, time.monotonic() - began, versions, failure)

    def _install(self, environment: Environment, release: Release) -> None:
        """Install what pyproject.toml asks for directly, then the wheel, which must be content with it."""
        extras = [word for extra in self.kind.extras for word in ("--extra", extra)]
        resolution = RESOLUTIONS[self.resolution]
        environment.install("--resolution", resolution, *extras, "-r", str(release.root / "pyproject.toml"))
        before = environment.versions()
        environment.install(f"edgeproof[{','.join(self.kind.extras)}] @ {release.wheel.absolute().as_uri()}")
        after = environment.versions()
        changed = sorted(name for name in after if name != "edgeproof" and after[name] != before.get(name))
        if changed:
            raise subprocess.CalledProcessError(1, "uv", stderr=f"the wheel asks for other versions of {changed}")
        environment.install("pytest")


def first_failure(environment: Environment, steps: Iterable[Step], folder: Path) -> str:
    """Take the steps in a folder; gives what is wrong with the first that fails, or nothing."""
    for step in steps:
        command = [str(environment.python), "-m", *step.words]
        surroundings = os.environ | {"STATE_DIRECTORY": str(folder), "PYTHONDONTWRITEBYTECODE": "1"} | step.environment
        try:
            done = subprocess.run(  # noqa: S603 - ours
                command, cwd=folder, env=surroundings, capture_output=True, text=True, check=False, timeout=_SECONDS
            )
        except subprocess.TimeoutExpired:
            return f"{step.title}: no end in {_SECONDS:g} s"
        if done.returncode not in step.codes or not (step.expected is None or step.expected(done.stdout)):
            return f"{step.title}: exit code {done.returncode}, {_shortened(done.stderr or done.stdout)}"
    return ""


def _shortened(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 300 else f"… {words[-300:]}"


def table(outcomes: Sequence[Outcome]) -> str:
    """Word outcomes as Markdown: a row for each, and the versions that were installed."""
    lines = ["| installation | Python | versions | outcome | s | which |", "| --- | --- | --- | --- | --- | --- |"]
    for each in outcomes:
        versions = ", ".join(f"{name} {version}" for name, version in each.versions.items())
        outcome = each.failure.replace("|", "/") or "pass"
        words = (each.kind, each.python, each.resolution, outcome, f"{each.seconds:.0f}", versions)
        lines.append(f"| {' | '.join(words)} |")
    return "\n".join(lines)
