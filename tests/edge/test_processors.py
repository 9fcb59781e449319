from __future__ import annotations

import os
from pathlib import Path

import pytest

from edgeproof.edge.interpreters import processors
from edgeproof.edge.interpreters.tflite_api import TFLiteInterpreter


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine of eight processors, this process in the group a/b; returns where groups are mounted."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "own").write_text("12:cpu:/other\n0::/a/b\n")
    monkeypatch.setattr(processors, "_GROUPS", tmp_path)
    monkeypatch.setattr(processors, "_OWN_GROUP", tmp_path / "own")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    return tmp_path


@pytest.mark.parametrize(
    ("limits", "usable"),
    [
        ({}, 8),
        ({"": "max 100000"}, 8),
        ({"a/b": "200000 100000"}, 2),
        ({"a/b": "150000 100000"}, 2),  # rounded up
        ({"a": "300000 100000", "a/b": "max 100000"}, 3),
        ({"": "100000 100000", "a/b": "400000 100000"}, 1),
        ({"a/b": "1000 100000"}, 1),
        ({"a/b": "1600000 100000"}, 8),
        ({"a/b": "0 0"}, 8),
        ({"a/b": "nonsense"}, 8),
    ],
)
def test_share_of_time_limits_the_threads(machine: Path, limits: dict[str, str], usable: int) -> None:
    for group, text in limits.items():
        (machine / group / "cpu.max").write_text(text + "\n")
    assert processors.usable() == usable


def test_affinity_limits_the_threads(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {1, 5}, raising=False)
    (machine / "cpu.max").write_text("400000 100000\n")
    assert processors.usable() == 2


@pytest.mark.parametrize("text", [None, "", "1:cpu:/\n"])
def test_machine_without_groups_has_its_processors(machine: Path, text: str | None) -> None:
    (machine / "own").unlink()
    if text is not None:
        (machine / "own").write_text(text)
    assert processors.usable() == 8


class Told:
    """An interpreter that notes how many threads it was given, and goes no further."""

    threads: int | None = None

    def __init__(self, *, model_content: bytes, num_threads: int) -> None:  # noqa: ARG002 - the API's
        Told.threads = num_threads
        raise ValueError("far enough")


@pytest.mark.parametrize(("asked", "given"), [(None, 3), (7, 7)])
def test_runtime_is_given_the_processors(asked: int | None, given: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processors, "usable", lambda: 3)
    with pytest.raises(Exception, match="far enough"):
        TFLiteInterpreter("litert 1", Told, b"", asked)
    assert Told.threads == given
