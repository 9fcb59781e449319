"""`tools/bench networks`: what each trained network comes to on a device: accuracy, size and time of its int8 files.

The runs are those that the page on training names; each is exported anew, and judged by the parity gate.
"""

from __future__ import annotations

import io
import json
import shutil
import tempfile
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass
from pathlib import Path

import harness

from edgeproof.edge import run_directory
from edgeproof.edge.atomic import write_text
from edgeproof.edge.cli import main as edgeproof
from edgeproof.edge.console import table
from edgeproof.edge.errors import ExitCode


@dataclass(frozen=True)
class Trained:
    """One network, and its int8 files: accuracies as shares, bytes, and milliseconds of one answer.

    `accuracy` and `reference`, Keras' own, are of the `n` pictures that were kept back; `agreement` is of all that were
    compared.
    """

    name: str
    data: str
    parameters: int
    n: int
    reference: float
    file: str
    verdict: str
    accuracy: float
    agreement: float
    size: int
    latency: float


def main() -> None:
    """Export every run, and print a table."""
    parser = harness.parser("networks", __doc__ or "", rounds=False)
    parser.add_argument(
        "--runs", type=Path, nargs="+", required=True, help="run directories, which are left as they are"
    )
    options = parser.parse_args()
    rows = [row for run in options.runs for row in _exported(run)]
    head = ("network", "file", "verdict", "accuracy", "reference", "size", "latency")
    lines = [(row.name, row.file, row.verdict, f"{row.accuracy:.1%}", f"{row.reference:.1%}") for row in rows]
    sizes = [(f"{row.size / 1e6:.2f} MB", f"{row.latency:.2f} ms") for row in rows]
    print(table([head, *((*line, *size) for line, size in zip(lines, sizes, strict=True))]))  # noqa: T201 - a result
    if options.json is not None:
        figures = {**harness.circumstances(), "rows": [asdict(row) for row in rows]}
        write_text(options.json, json.dumps(figures, indent=1) + "\n")


def _exported(run: Path) -> list[Trained]:
    """Export a copy of a run to int8, and read what the gate found.

    Raises:
        SystemExit: a file could not be made, or lost more accuracy than it may.
    """
    record, _ = run_directory.read(run)
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name) / run.name
        copy.mkdir()
        for kept in (run_directory.MODEL, run_directory.RECORD, run_directory.SPLIT):
            shutil.copy(run / kept, copy)
        with redirect_stdout(io.StringIO()):
            code = edgeproof(["export", str(copy), "--int8", "--quiet"])
        if code not in (ExitCode.GOOD, ExitCode.INCONCLUSIVE):
            raise SystemExit(code)
        judged = json.loads((copy / run_directory.PARITY).read_text(encoding="utf-8"))["candidates"]
    choices = [f"--{name} {record.settings[name]}" for name in ("head", "backbone") if name in record.settings]
    return [
        Trained(
            name=" ".join([record.model, *choices]),
            data=Path(record.data).name,
            parameters=record.parameters,
            n=one["n_validation"],
            reference=one["accuracy_reference"],
            file=one["file"],
            verdict=one["verdict"],
            accuracy=one["accuracy"],
            agreement=one["agreement"],
            size=one["size"],
            latency=round(one["latency_ms"], 4),
        )
        for one in judged
    ]


if __name__ == "__main__":
    main()
