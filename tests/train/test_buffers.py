from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from edgeproof.train.buffers import Buffers


def address(array: np.ndarray) -> int:
    return int(array.__array_interface__["data"][0])


def test_memory_is_used_again_when_nobody_holds_it() -> None:
    buffers = Buffers(np.uint8)
    first = buffers.get((4, 5, 3))
    place = address(first)
    second = buffers.get((4, 5, 3))
    assert address(second) != place
    del first
    assert address(buffers.get((4, 5, 3))) == place


def test_a_view_keeps_the_memory() -> None:
    buffers = Buffers(np.float32)
    view = buffers.get((6, 2))[2:4].reshape(-1)
    view[:] = 7
    for _ in range(3):
        buffers.get((6, 2))[:] = 0
    assert view.tolist() == [7, 7, 7, 7]


def test_shapes_and_alignment() -> None:
    buffers = Buffers(np.float32)
    held = [buffers.get(shape) for shape in ((3, 7), (1,), (8, 9, 2))]
    assert [array.shape for array in held] == [(3, 7), (1,), (8, 9, 2)]
    assert all(array.dtype == np.float32 and address(array) % 64 == 0 and array.flags.c_contiguous for array in held)
    small = address(held[0])
    held[0] = buffers.get((2, 2))
    assert address(held[0]) != small  # the first was still held then


def test_threads_do_not_share_memory() -> None:
    buffers = Buffers(np.int64)

    def keep(mark: int) -> bool:
        for _ in range(300):
            mine = buffers.get((50,))
            mine[:] = mark
            if not (mine == mark).all():
                return False
            del mine
        return True

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(keep, range(8)))
    assert len(buffers._owners) <= 8
