"""pip, in a process of its own: which wheels a device would get, and the wheels."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from ..errors import InputError, missing_package
from .requirements import Package
from .targets import HERE, Target

_REASON = 300  # characters of pip's own words


class Pip:
    """pip for one target; it takes indexes and proxies from its own settings, and wheels also from `folders`."""

    def __init__(self, target: Target, folders: Iterable[Path]) -> None:
        if importlib.util.find_spec("pip") is None:
            raise missing_package("pip", "bundle")
        self._target = target
        self._options = ["--only-binary=:all:", *_target_options(target)]
        self._options += [f"--find-links={folder.absolute()}" for folder in folders]

    def resolve(self, requirements: Iterable[Requirement]) -> list[Package]:
        """Choose versions; what a package requires is followed by the markers of the Python that runs here.

        Raises:
            InputError: pip finds no wheel for one, or no versions that go together.
        """
        words = [str(one) for one in requirements]
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "report.json"
            options = ["--dry-run", "--ignore-installed", f"--report={report}", f"--target={folder}/site"]
            self._run("install", *options, *self._options, *words)
            found = json.loads(report.read_text("utf-8"))
        return [_package(one["metadata"]) for one in found["install"]]

    def download(self, packages: Iterable[Package], folder: Path) -> None:
        """Put the wheels of exactly these versions into a folder.

        Raises:
            InputError: one cannot be had.
        """
        pins = [f"{package.name}=={package.version}" for package in packages]
        self._run("download", "--no-deps", f"--dest={folder}", *self._options, *pins)

    def _run(self, command: str, *words: str) -> None:
        whole = [sys.executable, "-m", "pip", command, "--quiet", "--disable-pip-version-check", "--no-input", *words]
        done = subprocess.run(whole, capture_output=True, text=True, check=False)  # noqa: S603 - the pip beside us
        if done.returncode:
            raise InputError(
                f"expected wheels for {self._target.name}, received from pip: {_reason(done.stderr)}; see to its index "
                "and the network, or give a folder of wheels: --wheels FOLDER"
            )


def _target_options(target: Target) -> Sequence[str]:
    if target.name == HERE:
        return ()
    platforms = [f"--platform={platform}" for platform in target.platforms]
    return ("--implementation=cp", f"--python-version={target.python}", *platforms)


def _package(metadata: dict[str, Any]) -> Package:
    requires = tuple(metadata.get("requires_dist", ()))
    return Package(canonicalize_name(metadata["name"]), Version(metadata["version"]), requires)


def _reason(said: str) -> str:
    errors = [line.removeprefix("ERROR: ") for line in said.splitlines() if line.startswith("ERROR: ")]
    # pip's first line lists every version there is; the last one names what it looked for.
    return " ".join((errors[-1:] or ["nothing"])[0].split())[:_REASON]
