"""The wheel of this checkout, built once."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from releasing.repository import export

ROOT = Path(__file__).parents[2]
SETUPTOOLS = 77  # what [build-system] asks for


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the commit, as pip builds it."""
    folder = tmp_path_factory.mktemp("wheel")
    if not (ROOT / ".git").exists():
        pytest.skip("not a checkout: what the commit has is not known")
    export(ROOT, folder / "tree")
    if int(version("setuptools").split(".")[0]) < SETUPTOOLS:
        pytest.skip(f"setuptools {SETUPTOOLS} or newer, which builds the wheel, is not in this environment")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-build-isolation"]
    command = [*pip, "--no-deps", "--wheel-dir", str(folder), str(folder / "tree")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - pip
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    return built
