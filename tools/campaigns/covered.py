"""How much of the device's code and of the parity gate's statistics the quick tests run, by lines and by branches.

coverage.py measures, in the processes that tests start too; what it measures is in pyproject.toml.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict, cast

from edgeproof.edge.console import table
from figures import Figure, at_least, at_most, parser, report

ROOT = Path(__file__).parents[2]
JSON = ROOT / "build" / "coverage" / "coverage.json"
STATISTICS = tuple(f"export/parity/{name}.py" for name in ("answers", "confidence", "statistics", "verdict"))
TESTS = (
    "tests/device",
    "tests/edge",
    "tests/properties",
    "tests/export/test_answers.py",
    "tests/export/test_confidence.py",
    "tests/export/test_statistics.py",
    "tests/export/test_verdict.py",
)
# Its processes may write no file longer than a few bytes, and so not what they ran.
UNMEASURED = ("tests/edge/sinks/test_outputs.py::test_files_that_cannot_grow_cost_a_warning_each_and_no_answer",)
LINES, BRANCHES = 95, 90  # percent
_ENDING = 60  # seconds, for pytest to end that was interrupted


class Summary(TypedDict):
    """What coverage.py says of one file."""

    num_statements: int
    covered_lines: int
    num_branches: int
    covered_branches: int


@dataclass(frozen=True)
class Covered:
    """How many lines and branches there are, and how many of them were run."""

    lines: int
    lines_run: int
    branches: int
    branches_run: int

    @property
    def line_share(self) -> float:
        """Percent of the lines; 100 where there are none."""
        return 100 * self.lines_run / self.lines if self.lines else 100.0

    @property
    def branch_share(self) -> float:
        """Percent of the branches; 100 where there are none."""
        return 100 * self.branches_run / self.branches if self.branches else 100.0

    @property
    def missing(self) -> int:
        """How many lines and branches were not run."""
        return self.lines - self.lines_run + self.branches - self.branches_run

    def __add__(self, other: Covered) -> Covered:
        return Covered(
            self.lines + other.lines,
            self.lines_run + other.lines_run,
            self.branches + other.branches,
            self.branches_run + other.branches_run,
        )


def measure(minutes: float, *words: str) -> int:
    """Run the tests under coverage.py and write its JSON; gives pytest's exit code, 124 where the time was up."""
    coverage("erase")
    left_out = [f"--deselect={each}" for each in UNMEASURED]
    command = ["run", "-m", "pytest", "-q", "-p", "no:cacheprovider", *left_out, *(words or TESTS)]
    code = coverage(*command, minutes=minutes)
    coverage("combine", "--quiet")
    coverage("json", "--quiet", "-o", str(JSON))
    return code


def coverage(*words: str, minutes: float | None = None) -> int:
    """Run coverage.py; gives its exit code, which is that of the program it measures, or 124 where the time was up."""
    with subprocess.Popen([sys.executable, "-m", "coverage", *words], cwd=ROOT) as process:  # noqa: S603 - ourselves
        try:
            return process.wait(None if minutes is None else minutes * 60)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)  # upon which it writes down what was run so far
            process.wait(_ENDING)
            return 124
        finally:
            process.kill()


def read(written: str) -> dict[str, Covered]:
    """Read coverage.py's JSON, by file: those that are held to a goal."""
    files = json.loads(written)["files"]
    judged = ("edge/", *STATISTICS)
    summaries = {name: cast("Summary", each["summary"]) for name, each in files.items() if name.startswith(judged)}
    return {
        name: Covered(each["num_statements"], each["covered_lines"], each["num_branches"], each["covered_branches"])
        for name, each in summaries.items()
    }


def judge(files: dict[str, Covered]) -> list[Figure]:
    """Hold the device's code and the statistics to their goals."""
    figures = []
    for name, of in (("edge", ("edge/",)), ("statistics", STATISTICS)):
        whole = sum((each for file, each in files.items() if file.startswith(of)), Covered(0, 0, 0, 0))
        figures += [
            at_least(f"{name}: {whole.lines_run:,} of {whole.lines:,} lines", whole.line_share, "%", LINES),
            at_least(
                f"{name}: {whole.branches_run:,} of {whole.branches:,} branches", whole.branch_share, "%", BRANCHES
            ),
        ]
    return figures


def lowest(files: dict[str, Covered], count: int) -> str:
    """Give a table of those files where most is missing."""
    chosen = sorted(files.items(), key=lambda item: -item[1].missing)[:count]
    head = ("file", "lines", "branches", "missing")
    return table([head, *((n, f"{c.line_share:.1f} %", f"{c.branch_share:.1f} %", f"{c.missing}") for n, c in chosen)])


def main(words: Sequence[str] | None = None) -> int:
    """Run the campaign."""
    made = parser("covered", "Measures what the tests run of the code; --count: files in the table.", 15, 15)
    options = made.parse_args(words)
    # A shell has what it starts in the background ignore it, children too, which the tests interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    start = time.monotonic()
    code = measure(options.minutes)
    files = read(JSON.read_text("utf-8"))
    sys.stdout.write(lowest(files, options.count) + "\n\n")
    figures = [
        *judge(files),
        at_most("pytest's exit code", code, "", 0),
        at_most("minutes", (time.monotonic() - start) / 60, "min", options.minutes),
    ]
    return report(figures, options.json)


if __name__ == "__main__":
    sys.exit(main())
