"""The same networks in the bare runtime, each in a fork of this process: what they would do to a program without us.

It reads lines of JSON, [path, format], and writes one word for each: "ran", "refused", "died" or "hung".
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from pathlib import Path

import ai_edge_litert.interpreter
import numpy as np
import onnxruntime

_SECONDS, _MEMORY = 10, 4 << 30
_RAN, _REFUSED = 0, 3


def outcome(path: Path, kind: str) -> str:
    """Load and run a network in a child; says how that ended."""
    child = os.fork()
    if child == 0:
        os._exit(_try(path, kind))
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return "hung" if os.WTERMSIG(status) in (signal.SIGALRM, signal.SIGXCPU) else "died"
    return {_RAN: "ran", _REFUSED: "refused"}.get(os.WEXITSTATUS(status), "died")


def _try(path: Path, kind: str) -> int:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    signal.alarm(_SECONDS)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        (_run_tflite if kind == "tflite" else _run_onnx)(path.read_bytes())
    except Exception:
        return _REFUSED
    return _RAN


def _run_tflite(model: bytes) -> None:
    loaded = ai_edge_litert.interpreter.Interpreter(model_content=model, num_threads=1)
    loaded.allocate_tensors()
    for detail in loaded.get_input_details():
        loaded.set_tensor(detail["index"], np.zeros(detail["shape"], detail["dtype"]))
    loaded.invoke()
    for detail in loaded.get_output_details():
        loaded.get_tensor(detail["index"])


def _run_onnx(model: bytes) -> None:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    dtypes = {"tensor(float)": np.float32, "tensor(uint8)": np.uint8}
    feeds = {
        each.name: np.zeros([size if isinstance(size, int) else 1 for size in each.shape], dtypes[each.type])
        for each in session.get_inputs()
    }
    session.run(None, feeds)


def main() -> int:
    """Answer until there is no more to read."""
    for line in sys.stdin:
        path, kind = json.loads(line)
        sys.stdout.write(outcome(Path(path), kind) + "\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
