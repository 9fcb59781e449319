"""What the tests of bundles need."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from edgeproof.edge.bundle import requirements
from wheels import declared_requirements


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extras are those of pyproject.toml as it is now, whatever it was when this environment was made."""
    lines = declared_requirements()
    monkeypatch.setattr(requirements, "requires", lambda _: lines)


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """pip knows of no index and no settings of this machine."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)


@pytest.fixture(scope="session")
def index() -> Iterator[None]:
    """An index that pip reaches, and asks again where it does not answer at once."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIP_RETRIES", "10")
        patch.setenv("PIP_DEFAULT_TIMEOUT", "60")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, "flatbuffers"]
        if subprocess.run(command, capture_output=True, check=False).returncode:  # noqa: S603 - the pip beside us
            pytest.skip("needs a package index")
        yield


@pytest.fixture
def proven(models: Path) -> Path:
    """A model whose proof passed."""
    return models / "rps-int8.tflite"
