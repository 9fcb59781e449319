"""What is made once for all workers, with pytest-xdist itself."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = """
from pathlib import Path

import pytest

from once import made_once

HERE = Path(__file__).parent


def make(folder):
    with (HERE / "made").open("a") as made:
        made.write("once ")
    folder.mkdir()
    (folder / "content").write_text("whole")
    return folder


@pytest.fixture(scope="session")
def content(request):
    return (made_once(request, "some/thing", make) / "content").read_text()
"""
TESTS = """
import pytest


@pytest.mark.parametrize("number", range(4))
def test_it_is_whole(content, number):
    assert content == "whole"
"""


@pytest.mark.parametrize("workers", [0, 2])
def test_all_workers_get_what_the_first_has_made(pytester: pytest.Pytester, workers: int) -> None:
    pytest.importorskip("xdist")
    pytester.makeini(f"[pytest]\npythonpath = {Path(__file__).parent}")
    pytester.makeconftest(SHARED)
    pytester.makepyfile(test_one=TESTS, test_two=TESTS)
    result = pytester.runpytest_subprocess("-v", "-n", str(workers), "--dist", "loadfile")
    result.assert_outcomes(passed=8)
    assert (pytester.path / "made").read_text() == "once "
    asked = {line.split("]")[0] for line in result.outlines if line.startswith("[gw") and "PASSED" in line}
    assert len(asked) == workers
