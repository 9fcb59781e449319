"""The campaign of coverage: what it reads, and what it holds to its goals."""

from __future__ import annotations

import json

import pytest

import covered
from covered import Covered


def summary(lines: int, lines_run: int, branches: int, branches_run: int) -> dict[str, dict[str, int]]:
    return {
        "summary": {
            "num_statements": lines,
            "covered_lines": lines_run,
            "num_branches": branches,
            "covered_branches": branches_run,
        }
    }


FILES = {
    "edge/a.py": summary(100, 100, 10, 10),
    "edge/web/b.py": summary(100, 88, 10, 9),
    "export/parity/statistics.py": summary(50, 50, 20, 17),
    "export/parity/pictures.py": summary(1000, 0, 100, 0),  # no statistics
}


def test_lines_and_branches_are_held_to_their_own_goals() -> None:
    figures = covered.judge(covered.read(json.dumps({"files": FILES})))
    assert [(figure.name, figure.seen, figure.met) for figure in figures] == [
        ("edge: 188 of 200 lines", 94, False),
        ("edge: 19 of 20 branches", 95, True),
        ("statistics: 50 of 50 lines", 100, True),
        ("statistics: 17 of 20 branches", pytest.approx(85), False),
    ]


def test_files_with_most_missing_come_first() -> None:
    head, _, first, *rest = covered.lowest(covered.read(json.dumps({"files": FILES})), 2).splitlines()
    assert head.split() == ["file", "lines", "branches", "missing"]
    assert first.split() == ["edge/web/b.py", "88.0", "%", "90.0", "%", "13"]
    assert [line.split()[0] for line in rest] == ["export/parity/statistics.py"]


def test_file_without_lines_is_whole() -> None:
    nothing = Covered(0, 0, 0, 0)
    assert (nothing.line_share, nothing.branch_share, nothing.missing) == (100, 100, 0)
