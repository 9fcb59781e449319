"""Which numbers of threads are worth trying."""

from __future__ import annotations


def thread_counts(processors: int) -> tuple[int, ...]:
    """List 1, 2, 4, … up to the processors, and that number itself."""
    powers = [1 << power for power in range(processors.bit_length()) if 1 << power <= processors]
    return tuple(sorted({*powers, processors}))
