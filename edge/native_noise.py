"""What native libraries print on their own, past Python, while nothing is wrong."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

# Who holds it has the process's standard error to himself: what one thread says shall not fall into another's silence,
# nor two silences save one another's nowhere as the place to go back to.
STANDARD_ERROR = threading.RLock()


@contextmanager
def muted() -> Iterator[None]:
    """Send the process's standard error to nowhere inside the block; errors still raise.

    TensorFlow's banner, converter and delegates write to the file descriptor itself, and no setting stops all of it.
    Keep the block short: a crash inside it says nothing.
    """
    with STANDARD_ERROR:
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
