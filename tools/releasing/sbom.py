"""Bills of materials in CycloneDX: what an installation of edgeproof has in it, package by package."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from .environments import clean

EXTRAS = ("edge", "export")  # a device's, and the workstation's


def write_bills(wheel: Path, pyproject: Path, folder: Path) -> list[Path]:
    """Write a bill for each of `EXTRAS`, at the newest versions, beside the wheel.

    Raises:
        subprocess.CalledProcessError: uv found no solution, or the bill is not valid CycloneDX.
    """
    return [_write(wheel, pyproject, extra, folder) for extra in EXTRAS]


def _write(wheel: Path, pyproject: Path, extra: str, folder: Path) -> Path:
    target = folder / f"{'-'.join(wheel.name.split('-')[:2])}-{extra}.cdx.json"
    with tempfile.TemporaryDirectory() as name, clean(Path(sys.executable), Path(name) / extra) as environment:
        environment.install(f"edgeproof[{extra}] @ {wheel.absolute().as_uri()}")
        command = [sys.executable, "-m", "cyclonedx_py", "environment", "--pyproject", str(pyproject)]
        command += ["--output-format", "JSON", "--output-reproducible", "--validate", "--output-file", str(target)]
        command.append(str(environment.python))
        subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - cyclonedx-py
    return target
