from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from edgeproof.train.rows import FileRows, MemoryRows, make_rows


@pytest.mark.parametrize("limit", [0, 2**20])
def test_rows_come_back_as_they_were_written(tmp_path: Path, limit: int) -> None:
    values = np.random.default_rng(0).random((50, 3, 4)).astype(np.float32)
    rows = make_rows(50, (3, 4), np.float32, tmp_path, limit)
    assert isinstance(rows, FileRows if limit == 0 else MemoryRows)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(rows.write, range(50), values))
    assert len(rows) == 50
    order = np.random.default_rng(1).permutation(50)[:20]
    taken = rows.take(order)
    assert taken.dtype == np.float32
    assert np.array_equal(taken, values[order])


def test_the_file_has_no_name(tmp_path: Path) -> None:
    rows = FileRows(1000, (100,), np.uint8, tmp_path)
    rows.write(999, np.full(100, 7, np.uint8))
    assert list(tmp_path.iterdir()) == []
    assert rows.take(np.array([999])).tolist() == [[7] * 100]


def test_rows_in_a_file_stay_out_of_the_process_memory(tmp_path: Path) -> None:
    def resident() -> int:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    rows = FileRows(3000, (100_000,), np.uint8, tmp_path)
    row = np.zeros(100_000, np.uint8)
    before = resident()
    for index in range(3000):
        rows.write(index, row)
    for start in range(0, 3000, 100):
        rows.take(np.arange(start, start + 100))
    assert resident() - before < 100e6  # of 300 MB
