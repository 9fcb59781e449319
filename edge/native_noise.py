"""What native libraries print on their own, past Python, while nothing is wrong."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def muted() -> Iterator[None]:
    """Send the process's standard error to nowhere inside the block; errors still raise.

    TensorFlow's banner, converter and delegates write to the file descriptor itself, and no setting stops all of it.
    Keep the block short: a crash inside it says nothing.
    """
    sys.stderr.flush()
    saved = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        sys.stderr.flush()
        os.dup2(saved, 2)
        os.close(nowhere)
        os.close(saved)
