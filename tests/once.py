"""What is made once in a session, for all of its workers: the first that needs it makes it, the others wait for it."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


def made_once(request: pytest.FixtureRequest, name: str, make: Callable[[Path], Path]) -> Path:
    """Give what `make` made of a folder; no test may write into it.

    Args:
        request: of the fixture that gives it.
        name: of the folder, which may lie in others; another for each thing that is made.
        make: fills a folder that is not there yet, and gives it back.
    """
    folder = _of_all_workers(request) / "once" / name
    folder.parent.mkdir(parents=True, exist_ok=True)
    done = folder.with_suffix(".done")
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)  # of a worker that could not make it
            make(folder)
            done.touch()
    return folder


def _of_all_workers(request: pytest.FixtureRequest) -> Path:
    """Give the session's temporary folder: pytest-xdist gives each worker one of its own within it."""
    factory: pytest.TempPathFactory = request.getfixturevalue("tmp_path_factory")
    own = factory.getbasetemp()
    return own.parent if hasattr(request.config, "workerinput") else own
