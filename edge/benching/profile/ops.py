"""The ops of a graph as a runtime runs them, and their sums."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class Kernel(str, Enum):
    """Whose code computes an op."""

    XNNPACK = "XNNPACK"
    BUILT_IN = "built-in"  # TFLite's own kernels: optimized for some ops, the plain reference for others
    ONNXRUNTIME = "onnxruntime"
    DELEGATE = "delegate"  # another one, as a whole


@dataclass(frozen=True)
class Op:
    """One op of the graph as the runtime runs it, after it has fused what it could.

    `type` is the runtime's own name, with the variant of the kernel where it says so; `name` is the node's, empty where
    the runtime gives none. `ms` is the middle half's mean over the runs; None where the runtime does not say.
    """

    type: str
    name: str
    kernel: Kernel
    ms: float | None


@dataclass(frozen=True)
class Profile:
    """The ops in the order in which they run; `source` is who measured them, in `runs` runs.

    `missing` says why there are no ops, or no times.
    """

    source: str
    threads: int
    runs: int
    ops: tuple[Op, ...]
    missing: str | None = None


@dataclass(frozen=True)
class TypeTotal:
    """All ops of one type in one kernel: how many, their milliseconds together, and their share of all ops' time."""

    type: str
    kernel: Kernel
    count: int
    ms: float | None
    share: float | None


def totals(ops: Iterable[Op]) -> tuple[TypeTotal, ...]:
    """Sum ops by type and kernel, the longest first."""
    groups: dict[tuple[str, Kernel], list[Op]] = {}
    for op in ops:
        groups.setdefault((op.type, op.kernel), []).append(op)
    sums = {key: together(group) for key, group in groups.items()}
    whole = sum(ms or 0.0 for ms in sums.values())
    found = [
        TypeTotal(*key, len(group), sums[key], None if sums[key] is None or not whole else (sums[key] or 0.0) / whole)
        for key, group in groups.items()
    ]
    return tuple(sorted(found, key=lambda total: -(total.ms or 0.0)))


def together(ops: Iterable[Op]) -> float | None:
    """Sum the milliseconds of ops; None where the runtime says none."""
    times = [op.ms for op in ops if op.ms is not None]
    return sum(times) if times else None
