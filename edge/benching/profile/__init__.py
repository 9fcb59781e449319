"""Where the time of one inference goes, op by op, by the runtime's own clock; never guessed."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ... import modelfile
from ...contract import Format
from ...quarantine import admit
from ..candidates import installed
from .ops import Kernel, Op, Profile, TypeTotal, together, totals

__all__ = ["Kernel", "Op", "Profile", "TypeTotal", "profile", "together", "totals"]


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
