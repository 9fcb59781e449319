"""A run's trained network with the run's records."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..edge import run_directory
from ..edge.errors import InputError
from ..edge.run_directory import MODEL, RunRecord, Split
from .network import Network, open_network


@dataclass(frozen=True)
class RunNetwork:
    """What a run directory holds; the network is bound to the record's input."""

    record: RunRecord
    split: Split
    network: Network


def open_run(run: Path, *, trust: bool = False) -> RunNetwork:
    """Read a run directory.

    Raises:
        InputError: it is none, or its network cannot be used.
    """
    record, split = run_directory.read(run)
    try:
        network = open_network(run / MODEL, trust=trust).bound(record.input)
    except InputError as error:
        raise InputError(str(error) if str(run) in str(error) else f"{error}: {run}") from error
    return RunNetwork(record, split, network)
