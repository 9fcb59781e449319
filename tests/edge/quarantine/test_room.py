"""Memory that is left, as the kernel's files say it."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgeproof.edge.interpreters import processors
from edgeproof.edge.quarantine import room

GIGABYTE = 2**30


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with 4 GB left, and one group."""
    (tmp_path / "meminfo").write_text("MemTotal:       8388608 kB\nMemAvailable:   4194304 kB\nHugePages_Total: 0\n")
    monkeypatch.setattr(room, "_MEMORY", tmp_path / "meminfo")
    monkeypatch.setattr(processors, "groups", lambda: [tmp_path])
    return tmp_path


def group(folder: Path, most: str, taken: int, files: int) -> None:
    (folder / "memory.max").write_text(f"{most}\n")
    (folder / "memory.current").write_text(f"{taken}\n")
    (folder / "memory.stat").write_text(f"anon 5\nfile {files}\nkernel 7\n")


def test_a_machine_without_groups_has_what_it_says(kernel: Path) -> None:
    assert kernel.exists()
    assert room.free() == 4 * GIGABYTE


def test_a_group_leaves_less_and_its_pages_of_files_do_not_count(kernel: Path) -> None:
    group(kernel, str(GIGABYTE), 700_000_000, 100_000_000)
    assert room.free() == GIGABYTE - 600_000_000
    group(kernel, "max", 700_000_000, 100_000_000)
    assert room.free() == 4 * GIGABYTE


def test_a_group_that_has_nothing_left_has_nothing(kernel: Path) -> None:
    group(kernel, "1000", 5000, 0)
    assert room.free() == 0


def test_a_machine_that_says_nothing_sets_no_bound(kernel: Path) -> None:
    (kernel / "meminfo").unlink()
    assert room.free() > 2**60
