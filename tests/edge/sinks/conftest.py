"""What the tests of several sinks need."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from console_lines import Said
from edgeproof.edge.sinks import pictures


@pytest.fixture
def said() -> Said:
    """A console of the test's own."""
    return Said()


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last pictures have all the time that they need; a test that is about a disk that hangs sets it."""
    monkeypatch.setattr(pictures, "_PATIENCE", 60.0)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 256 KiB; only root can have one, and not in every container."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    if sys.platform != "linux" or subprocess.run(mount, capture_output=True, check=False).returncode:  # noqa: S603
        pytest.skip("needs to be root, and allowed to mount a tmpfs")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)  # noqa: S603, S607
