"""The properties of tests/properties, with many more examples than a test has time for, and others each time."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from figures import at_least, at_most, parser, report

ROOT = Path(__file__).parents[2]
_OUTCOMES = re.compile(r"(\d+) (passed|failed|errors?)\b")
_EXAMPLES = re.compile(r"(\d+) passing, (\d+) failing")


@dataclass(frozen=True)
class Outcome:
    """How many properties held and how many did not, over so many examples; `ended` where there was time for all."""

    held: int
    broken: int
    examples: int
    ended: bool
    words: str


def run(count: int, seed: int, minutes: float, *words: str) -> Outcome:
    """Try each property with `count` examples; further words go to pytest."""
    command = [
        *(sys.executable, "-m", "pytest", "tests/properties", "-q", "-p", "no:cacheprovider"),
        *("--hypothesis-profile=thorough", f"--hypothesis-seed={seed}", "--hypothesis-show-statistics", *words),
    ]
    environment = os.environ | {"EDGEPROOF_EXAMPLES": str(count)}
    with subprocess.Popen(  # noqa: S603 - ourselves
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            said, ended = process.communicate(timeout=minutes * 60)[0], True
        except subprocess.TimeoutExpired:
            process.kill()
            said, ended = process.communicate()[0], False
    return read(said, ended)


def read(words: str, ended: bool) -> Outcome:
    """Read what pytest and hypothesis have said."""
    counts = {name.rstrip("s"): int(number) for number, name in _OUTCOMES.findall(words)}
    examples = sum(int(passing) + int(failing) for passing, failing in _EXAMPLES.findall(words))
    broken = counts.get("failed", 0) + counts.get("error", 0)
    return Outcome(counts.get("passed", 0), broken, examples, ended, words)


def main(words: Sequence[str] | None = None) -> int:
    """Run the campaign."""
    made = parser("properties", "Looks for what breaks a property.", 2000, 60)
    options = made.parse_args(words)
    start = time.monotonic()
    outcome = run(options.count, options.seed, options.minutes)
    if outcome.broken or not outcome.ended:
        sys.stderr.write(outcome.words)
    figures = [
        at_least("properties that held", outcome.held, "", 1),
        at_most("properties that broke", outcome.broken, "", 0),
        at_least("examples", outcome.examples, "", options.count),
        at_most("cut off by the time", not outcome.ended, "", 0),
        at_most("minutes", (time.monotonic() - start) / 60, "min", options.minutes),
    ]
    return report(figures, options.json)


if __name__ == "__main__":
    sys.exit(main())
