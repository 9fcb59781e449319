"""The assignment problem: which column belongs to which row."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def assign(cost: NDArray[np.floating]) -> NDArray[np.int64]:
    """Give each row a column of its own so that the sum of the costs is least.

    Source: H. W. Kuhn, "The Hungarian method for the assignment problem", Naval Research Logistics Quarterly 2 (1955)
    83–97, by shortest augmenting paths. Takes n³ steps, of which numpy does n at a time.

    Args:
        cost: finite, of shape (n, n).

    Returns:
        The column of each row, of shape (n,).
    """
    n = len(cost)
    # Rows and columns count from 1: row 0 owns the columns that are free, column 0 is where each search begins.
    row_price, column_price = np.zeros(n + 1), np.zeros(n + 1)
    owner = np.zeros(n + 1, np.int64)
    for row in range(1, n + 1):
        owner[0], column = row, 0
        distance, closed = np.full(n + 1, np.inf), np.zeros(n + 1, bool)
        before = np.zeros(n + 1, np.int64)
        while owner[column]:
            closed[column] = True
            reduced = cost[owner[column] - 1] - row_price[owner[column]] - column_price[1:]
            nearer = np.flatnonzero(~closed[1:] & (reduced < distance[1:])) + 1
            distance[nearer], before[nearer] = reduced[nearer - 1], column
            following = int(np.argmin(np.where(closed, np.inf, distance)))
            step = distance[following]
            row_price[owner[closed]] += step
            column_price[closed] -= step
            distance[~closed] -= step
            column = following
        while column:
            owner[column] = owner[before[column]]
            column = before[column]
    assigned = np.empty(n, np.int64)
    assigned[owner[1:] - 1] = np.arange(n)
    return assigned
