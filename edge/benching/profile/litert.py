"""ai-edge-litert's profiler: each op, also those within XNNPACK, with the variant of the kernel that was chosen.

The Python package does not offer it, but the library that it ships has LiteRT's C API, which does. That API is called
in a process of its own (`litert_process`): should a later version of the library differ, it is that process which ends,
and the reason is reported in the place of the times.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..statistics import midmean
from .ops import Kernel, Op, Profile

_SOURCE = "LiteRT's profiler"
_PATIENCE = 60.0  # seconds for opening the model, beyond the time of the runs
# What an event says, by LiteRT's litert_profiler_event.h.
_OPERATOR, _DELEGATE, _WITHIN_DELEGATE = 2, 4, 8
_KERNELS = {_OPERATOR: Kernel.BUILT_IN, _DELEGATE: Kernel.DELEGATE, _WITHIN_DELEGATE: Kernel.XNNPACK}
_RUN = "LiteRT::Run[buffer registration]"  # the first event of each run

Event = tuple[str, int, int]  # what, which kind, microseconds


def profile_litert(model: Path, threads: int, tensor: NDArray[np.generic], seconds: float) -> Profile:
    """Profile a .tflite file; `tensor` is what its input holds."""
    words = [sys.executable, "-m", f"{__package__}.litert_process", str(model.absolute()), str(threads), str(seconds)]
    try:
        done = subprocess.run(  # noqa: S603 - this package, in the Python that runs it
            words, input=tensor.tobytes(), capture_output=True, timeout=seconds + _PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return Profile(_SOURCE, threads, 0, (), "the profiler took too long")
    if done.returncode:
        return Profile(_SOURCE, threads, 0, (), _reason(done))
    return summarize([(what, kind, elapsed) for what, kind, elapsed in json.loads(done.stdout)], threads)


def summarize(events: Sequence[Event], threads: int) -> Profile:
    """Make a profile of the events of several runs, each of which runs the same ops in the same order."""
    runs: list[list[Event]] = []
    for event in events:
        if event[0] == _RUN:
            runs.append([])
        elif event[1] in _KERNELS and runs:
            runs[-1].append(event)
    kinds = {tuple((what, kind) for what, kind, _ in run) for run in runs}
    if len(kinds) != 1:
        return Profile(_SOURCE, threads, len(runs), (), f"its {len(runs)} runs were of {len(kinds)} kinds")
    ops = [
        Op(what, "", _KERNELS[kind], midmean([run[index][2] / 1e3 for run in runs]))
        for index, (what, kind) in enumerate(kinds.pop())
    ]
    return Profile(_SOURCE, threads, len(runs), tuple(ops))


def _reason(done: subprocess.CompletedProcess[bytes]) -> str:
    if done.returncode < 0:
        return f"its process was ended by signal {-done.returncode}"
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else f"its process ended with {done.returncode}"
