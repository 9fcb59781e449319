"""The child that tries a model, where nothing bounds it: what it says, and what it gives the model to answer."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from edgeproof.edge.contract import Format
from edgeproof.edge.quarantine.inmate import _closed, _samples
from edgeproof.edge.quarantine.trial import REFUSED, RUNS, Trial

# A sandbox that forbids to set limits, as some do.
UNBOUNDED = """
import resource, sys

def refuse(*_):
    raise PermissionError

resource.setrlimit = refuse
from edgeproof.edge.quarantine.inmate import main
sys.exit(main())
"""
PATIENCE = 240.0  # seconds; only a test that fails waits so long


def told(model: bytes, kind: Format) -> tuple[int, str]:
    """Have a child try a model; gives its exit code and what it says."""
    trial = json.dumps(asdict(Trial(kind, None, 1, None)))
    done = subprocess.run(  # noqa: S603 - ourselves
        [sys.executable, "-c", UNBOUNDED, trial], input=model, capture_output=True, check=False, timeout=PATIENCE
    )
    return done.returncode, done.stdout.decode()


@pytest.mark.parametrize("name", ["rps-int8.tflite", "hello-fp32.tflite"])
def test_sound_model_runs(models: Path, name: str) -> None:
    assert told((models / name).read_bytes(), Format.TFLITE) == (0, RUNS)


def test_model_that_the_runtime_refuses_is_one_line() -> None:
    code, said = told(b"\x1c\0\0\0TFL3" + bytes(100), Format.TFLITE)
    assert code == REFUSED
    assert said.startswith("expected a ")
    assert "\n" not in said


@pytest.mark.parametrize(
    ("shape", "size", "closed"),
    [
        ((1, 32, 32, 3), None, (1, 32, 32, 3)),
        ((None, 32, 32, 3), None, (1, 32, 32, 3)),  # one picture at a time
        ((1, None, None, 3), (20, 30), (1, 20, 30, 3)),
        ((1, None, None, 3), None, None),  # nobody says how large they are
        ((1, None, None, None), (20, 30), None),
        ((), None, ()),
    ],
)
def test_sizes_that_a_model_leaves_open_are_filled(
    shape: tuple[int | None, ...], size: tuple[int, int] | None, closed: tuple[int, ...] | None
) -> None:
    assert _closed(shape, size) == closed


@pytest.mark.parametrize(("dtype", "low", "high"), [("int8", -128, 127), ("uint8", 0, 255), ("float32", -1, 255)])
def test_model_is_given_nothing_its_least_its_greatest_and_noise(dtype: str, low: int, high: int) -> None:
    nothing, least, greatest, noise = _samples((1, 8, 8, 3), np.dtype(dtype))
    assert (nothing == 0).all()
    assert (least == low).all()
    assert (greatest == high).all()
    assert low <= noise.min() < noise.max() <= high
    assert {each.dtype.name for each in (nothing, least, greatest, noise)} == {dtype}
