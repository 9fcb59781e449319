"""Where the time of one inference goes, op by op, by the runtime's own clock; never guessed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ... import modelfile
from ...contract import Format
from ...quarantine import admit
from ..candidates import installed


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


def profile(
    model: Path,
    interpreter: str | None,
    threads: int,
    tensor: NDArray[np.generic],
    seconds: float,
    signed_by: Sequence[Path] | None = None,
) -> Profile:
    """Profile a model that one of the interpreters has run already.

    Args:
        model: the file.
        interpreter: a key of `BACKENDS`; the first installed one where None.
        threads: for one inference.
        tensor: what the input tensor holds.
        seconds: how long, about; at least a few runs.
        signed_by: files of public keys, one of which must have signed the file; None asks for no signature.
    """
    file = modelfile.read(model, signed_by)
    admit(file, interpreter, threads)  # which may be another one by now than the one that was run
    if file.format is Format.ONNX:
        from .onnxruntime import profile_onnxruntime

        return profile_onnxruntime(file.model, threads, tensor, seconds)
    if (interpreter or installed(file.format)[0]) == "litert":
        from .litert import profile_litert

        if signed_by is None:
            return profile_litert(model, threads, tensor, seconds)
        with tempfile.TemporaryDirectory() as folder:  # which is ours alone: the file itself may be another by now
            copy = Path(folder) / model.name
            copy.write_bytes(file.model)
            return profile_litert(copy, threads, tensor, seconds)
    from .placement import place_tflite_runtime

    return place_tflite_runtime(file.model, threads)
