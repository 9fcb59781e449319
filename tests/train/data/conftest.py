"""What several tests of the data need: a console, the real IDX files, and a way to write others."""

from __future__ import annotations

import gzip
import io
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from edgeproof.edge.console import Console

MINI = Path(__file__).parents[4] / "shared" / "data" / "fashion-mnist-mini"

WriteIdx = Callable[[Path, NDArray[Any]], Path]


@pytest.fixture
def console() -> Console:
    """A console whose words a test can read: `console.stream.getvalue()`."""
    return Console(stream=io.StringIO())


@pytest.fixture
def mini() -> Path:
    """The folder of 700 + 200 real Fashion-MNIST pictures in IDX files."""
    if not MINI.is_dir():
        pytest.skip(f"needs real Fashion-MNIST files in {MINI}")
    return MINI


@pytest.fixture
def write_idx() -> WriteIdx:
    """Writes an array of uint8 as an IDX file, packed where the name ends with .gz."""

    def write(path: Path, values: NDArray[Any]) -> Path:
        head = struct.pack(f">BBBB{values.ndim}I", 0, 0, 8, values.ndim, *values.shape)
        data = head + values.astype(np.uint8).tobytes()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
        return path

    return write
