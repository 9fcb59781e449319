"""What every campaign shares: a seed that makes it repeatable, bounds that end it, and figures held to their goals."""

from __future__ import annotations

import argparse
import json
import math
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from edgeproof.edge.atomic import write_text
from edgeproof.edge.console import table


@dataclass(frozen=True)
class Figure:
    """One result; `goal` is the bound as it is read ("0", "≤ 5"), and `met` whether `seen` keeps to it."""

    name: str
    seen: float
    unit: str
    goal: str
    met: bool


def at_most(name: str, seen: float, unit: str, bound: float) -> Figure:
    """Give a figure that is good when it is small; a bound of 0 is for what may not happen once."""
    return Figure(name, seen, unit, f"≤ {bound:g}" if bound else "0", seen <= bound)


def at_least(name: str, seen: float, unit: str, bound: float) -> Figure:
    """Give a figure that is good when it is large."""
    return Figure(name, seen, unit, f"≥ {bound:g}", seen >= bound)


def percentile(values: Sequence[float], percent: float) -> float:
    """Give the smallest value that as many percent of the values do not exceed; NaN where there are none."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def parser(name: str, purpose: str, count: int, minutes: float) -> argparse.ArgumentParser:
    """Give a command line with the options that all campaigns have.

    Args:
        name: of the campaign.
        purpose: one line.
        count: faults, files or rounds, whatever it counts, where the caller does not say.
        minutes: after which it stops by itself, and counts as failed where it has not done all.
    """
    made = argparse.ArgumentParser(prog=f"tools/campaign {name}", description=purpose)
    made.add_argument("--count", type=int, default=count, help=f"how many ({count})")
    made.add_argument("--seed", type=int, default=0, help="of every choice that is made by chance (0)")
    made.add_argument("--minutes", type=float, default=minutes, help=f"after which it stops ({minutes:g})")
    made.add_argument("--json", type=Path, help="also write the figures to this file")
    return made


def report(figures: Sequence[Figure], file: Path | None) -> int:
    """Print the figures as a table, write them as JSON where asked for, and give the exit code."""
    head = ("campaign", "seen", "unit", "goal", "met")
    rows = [(each.name, f"{each.seen:,.4g}", each.unit, each.goal, "yes" if each.met else "NO") for each in figures]
    print(table([head, *rows]))  # noqa: T201 - a command prints its result
    if file is not None:
        made = {
            "date": date.today().isoformat(),
            "python": sys.version.split()[0],
            "machine": platform.machine(),
            "figures": [asdict(each) for each in figures],
        }
        write_text(file, json.dumps(made, indent=1) + "\n")
    return 0 if all(each.met for each in figures) else 1
