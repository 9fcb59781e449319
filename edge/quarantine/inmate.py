"""What runs in the child: a model from standard input, in the interpreter, within limits of memory and time.

Everything of ours and of the runtime is imported first, so that the limits are the model's own. The one word on
standard output, `RUNS`, is said when all is well; another ending is a finding of the parent's.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..contract import Format
from ..errors import InputError
from ..interpreters import Interpreter, choose, open_interpreter
from . import room
from .trial import REFUSED, RUNS

_SECONDS = 30  # of processor time, for loading and four answers; a Raspberry Pi 4 takes three for InceptionV3
_ROOM, _COPIES = 512 << 20, 8  # bytes, and times the model's size: packed weights, weights of 16 bits made floats
_MOST_ELEMENTS = 2**28  # of an input
_SEED = 0


def main() -> int:
    """Try the model; returns the exit code."""
    told = json.loads(sys.argv[1])
    kind, size = Format(told["format"]), told["size"]
    voice = _mute()
    model = sys.stdin.buffer.read()
    try:
        _import_runtime(kind, told["interpreter"])
        _limit(len(model))
        loaded = open_interpreter(model, kind, told["interpreter"], told["threads"])
        shape = _closed(loaded.input.shape, size)
        if shape is not None and None in loaded.input.shape[1:]:
            loaded = open_interpreter(model, kind, told["interpreter"], told["threads"], shape)
        if shape is not None:
            _run(loaded)
        del loaded
        gc.collect()  # whose destructors may crash too
    except (InputError, MemoryError) as error:
        os.write(voice, (str(error) or "expected a model that fits into the memory, received a larger one").encode())
        return REFUSED
    os.write(voice, RUNS.encode())
    return 0


def _mute() -> int:
    """Give the parent's pipe a number of its own, and the standard streams of native code to nobody."""
    voice = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    return voice


def _import_runtime(kind: Format, name: str | None) -> None:
    import importlib

    importlib.import_module(f"..interpreters.{choose(kind, name).module}", __package__)


def _limit(model: int) -> None:
    """Bound what the model may take: memory beyond what is taken already, processor time, core dumps, and files.

    A sandbox may forbid to set limits; the parent's clock ends the child all the same.
    """
    import resource

    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    spent = int(sum(os.times()[:2]))
    bounds = {
        resource.RLIMIT_AS: used + min(_ROOM + _COPIES * model, room.free()),
        resource.RLIMIT_CPU: spent + _SECONDS,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
    }
    for kind, bound in bounds.items():
        _, hard = resource.getrlimit(kind)
        bound = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        with suppress(OSError, ValueError):
            resource.setrlimit(kind, (bound, bound))
    # Where all memory is used up, the kernel ends this process and no other.
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def _closed(shape: tuple[int | None, ...], size: tuple[int, int] | None) -> tuple[int, ...] | None:
    """Fill the sizes that a model leaves open; None where nobody says them."""
    sides = iter(size or ())
    closed = [shape[0] or 1] if shape else []
    for each in shape[1:]:
        side = each or next(sides, None)
        if side is None:
            return None
        closed.append(side)
    return tuple(closed)


def _run(loaded: Interpreter) -> None:
    """Have it answer, each answer from other numbers."""
    tensor = loaded.input_tensor()
    shape, dtype = tensor.shape, tensor.dtype
    del tensor  # a runtime refuses to run while its memory is looked at
    if int(np.prod(shape, dtype=np.float64)) > _MOST_ELEMENTS:
        raise InputError(f"expected an input of at most {_MOST_ELEMENTS} numbers, received one of shape {shape}")
    for sample in _samples(shape, dtype):
        loaded.input_tensor()[...] = sample
        loaded.invoke()
        np.array(loaded.output_tensor())


def _samples(shape: tuple[int, ...], dtype: np.dtype[np.generic]) -> Iterator[NDArray[np.generic]]:
    """Make nothing, the least and the greatest that a tensor is given, and noise."""
    limits = np.iinfo(dtype.name) if dtype.kind in "iu" else None
    low, high = (-1, 255) if limits is None else (limits.min, limits.max)
    yield np.zeros(shape, dtype)
    yield np.full(shape, low, dtype)
    yield np.full(shape, high, dtype)
    noise = np.random.default_rng(_SEED).random(shape)
    yield (low + noise * (float(high) - float(low))).astype(dtype)
