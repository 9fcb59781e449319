from __future__ import annotations

import pytest

from edgeproof.edge.benching.sweep import thread_counts


@pytest.mark.parametrize(
    ("processors", "counts"),
    [(1, (1,)), (2, (1, 2)), (3, (1, 2, 3)), (4, (1, 2, 4)), (6, (1, 2, 4, 6)), (8, (1, 2, 4, 8))],
)
def test_threads_double_up_to_the_processors(processors: int, counts: tuple[int, ...]) -> None:
    assert thread_counts(processors) == counts
