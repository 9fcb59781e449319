"""onnxruntime's own profiler: each node, after it has fused what it could."""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from ..statistics import midmean
from .ops import Kernel, Op, Profile

_SOURCE = "onnxruntime's profiler"
_ERRORS_ONLY = 3
_WARM_UP, _LEAST, _MOST = 3, 5, 200  # runs
_NODE, _KERNEL = "Node", "_kernel_time"


def profile_onnxruntime(model: bytes, threads: int, tensor: NDArray[np.generic], seconds: float) -> Profile:
    """Profile the bytes of a ModelProto; `tensor` is what its input holds."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = _ERRORS_ONLY
    options.enable_profiling = True
    with tempfile.TemporaryDirectory(prefix="edgeproof-") as folder:
        options.profile_file_prefix = str(Path(folder) / "profile")
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        feeds = {session.get_inputs()[0].name: tensor}
        end = time.monotonic() + seconds
        for count in range(1, _WARM_UP + _MOST + 1):
            session.run(None, feeds)
            if count >= _WARM_UP + _LEAST and time.monotonic() >= end:
                break
        events = json.loads(Path(session.end_profiling()).read_text())
    return summarize(events, threads, _WARM_UP)


def summarize(events: list[dict[str, Any]], threads: int, warm_up: int) -> Profile:
    """Make a profile of a trace: of each node, all runs but the first ones."""
    times: dict[tuple[str, str], list[float]] = {}
    for event in events:
        if event["cat"] == _NODE and event["name"].endswith(_KERNEL):
            node = event["args"]["op_name"], event["name"].removesuffix(_KERNEL)
            times.setdefault(node, []).append(event["dur"] / 1e3)
    runs = max((len(found) for found in times.values()), default=0) - warm_up
    if runs < 1:
        return Profile(_SOURCE, threads, 0, (), "its trace holds no nodes")
    ops = [Op(kind, name, Kernel.ONNXRUNTIME, midmean(found[warm_up:])) for (kind, name), found in times.items()]
    return Profile(_SOURCE, threads, runs, tuple(ops))
