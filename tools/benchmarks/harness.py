"""What every benchmark shares: both sides alternate in one run, and the medians are compared."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shlex
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from edgeproof.edge.atomic import write_text
from edgeproof.edge.console import table
from edgeproof.edge.versions import versions

_PACKAGES = (
    "ai-edge-litert",
    "jax",
    "keras",
    "numpy",
    "onnx",
    "onnxruntime",
    "opencv-python-headless",
    "tensorflow",
    "tf2onnx",
)


@dataclass(frozen=True)
class Row:
    """One comparison; `ratio` is how many times better ours is, and `goal` what it has to be at least."""

    name: str
    ours: float
    theirs: float
    unit: str
    ratio: float
    goal: float
    met: bool


def rate(name: str, ours: Sequence[float], theirs: Sequence[float], unit: str, goal: float) -> Row:
    """Compare rates: more is better."""
    mine, other = statistics.median(ours), statistics.median(theirs)
    return _row(name, mine, other, unit, mine / other, goal)


def cost(name: str, ours: Sequence[float], theirs: Sequence[float], unit: str, goal: float) -> Row:
    """Compare costs, such as seconds or bytes: less is better."""
    mine, other = statistics.median(ours), statistics.median(theirs)
    return _row(name, mine, other, unit, other / mine, goal)


def alternate(rounds: int, ours: Callable[[], float], theirs: Callable[[], float]) -> tuple[list[float], list[float]]:
    """Measure both sides in turn, after one round that does not count."""
    pairs = [(ours(), theirs()) for _ in range(rounds + 1)][1:]
    return [mine for mine, _ in pairs], [other for _, other in pairs]


def seconds(work: Callable[[], object]) -> float:
    """Time a piece of work."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def parser(name: str, purpose: str, *, rounds: bool = True) -> argparse.ArgumentParser:
    """Give a command line with the options that all benchmarks have; `rounds` is of those with two sides."""
    made = argparse.ArgumentParser(prog=f"tools/bench {name}", description=purpose)
    made.add_argument("--json", type=Path, help="also write the rows to this file")
    if rounds:
        made.add_argument("--rounds", type=int, default=3, help="measurements of each side (3)")
    return made


def report(
    rows: Sequence[Row], file: Path | None, others: Mapping[str, str] | None = None, accelerator: str | None = None
) -> None:
    """Print the rows as a table, and write them as JSON where asked for, with the circumstances."""
    head = ("benchmark", "ours", "theirs", "unit", "ratio", "goal", "met")
    lines = [head]
    for row in rows:
        cells = (f"{row.ours:,.4g}", f"{row.theirs:,.4g}", row.unit, f"{row.ratio:.2f}", f"{row.goal:g}")
        lines.append((row.name, *cells, "yes" if row.met else "NO"))
    print(table(lines))  # noqa: T201 - a command prints its result
    if file is not None:
        write_text(
            file,
            json.dumps({**circumstances(others, accelerator), "rows": [asdict(row) for row in rows]}, indent=1) + "\n",
        )


def circumstances(others: Mapping[str, str] | None = None, accelerator: str | None = None) -> dict[str, object]:
    """Say how, when, with which versions and on what the figures were measured.

    `others` are versions of programs in environments of their own; `accelerator` is the graphics card that was used.
    """
    return {
        "command": command(Path(sys.argv[0]).stem, sys.argv[1:]),
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "versions": {**versions(*_PACKAGES), **(others or {})},
        "machine": {**machine(), **({"accelerator": accelerator} if accelerator else {})},
    }


def command(name: str, arguments: Sequence[str]) -> str:
    """Give the command line as another person would type it: without `--json`, and names in the place of paths."""
    words = iter(arguments)
    kept = [Path(word).name if word.startswith("/") else word for word in words if word != "--json" or not next(words)]
    backend = os.environ.get("KERAS_BACKEND")
    return (f"KERAS_BACKEND={backend} " if backend == "jax" else "") + shlex.join(["./tools/bench", name, *kept])


def machine() -> dict[str, str | int]:
    """Say what the figures were measured on."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count() or 1,
        "python": platform.python_version(),
        "system": platform.platform(),
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def _row(name: str, ours: float, theirs: float, unit: str, ratio: float, goal: float) -> Row:
    return Row(name, round(ours, 4), round(theirs, 4), unit, round(ratio, 3), goal, ratio >= goal)
