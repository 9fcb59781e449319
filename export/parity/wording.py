"""Verdicts in words and signs, the same on the page and in the summary."""

from __future__ import annotations

from collections import Counter

from ...edge.contract import Verdict
from .report import ParityReport

SIGNS = {Verdict.PASS: "✓", Verdict.FAIL: "✗", Verdict.INCONCLUSIVE: "?"}
_COUNTED = {
    Verdict.FAIL: ("fails", "fail"),
    Verdict.INCONCLUSIVE: ("is undecided", "are undecided"),
    Verdict.PASS: ("passes", "pass"),
}


def headline(report: ParityReport) -> str:
    """Sum a report up: "All 8 files pass", "Of 8 files, 1 fails, 2 are undecided and 5 pass".

    Files that the ladder gave up are not counted.
    """
    counts = Counter(candidate.verdict for candidate in report.candidates if candidate.file not in report.given_up)
    total = counts.total()
    if len(counts) == 1:
        ((verdict, _),) = counts.items()
        one, many = _COUNTED[verdict]
        subjects = {1: f"The file {one}", 2: f"Both files {many}"}
        return subjects.get(total, f"All {total} files {many}")
    *first, last = (
        f"{counts[verdict]} {one if counts[verdict] == 1 else many}"
        for verdict, (one, many) in _COUNTED.items()
        if verdict in counts
    )
    return f"Of {total} files, {', '.join(first)} and {last}"
