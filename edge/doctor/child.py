"""Python in a process of its own: what crashes there is a finding here."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

_PATIENCE = 60.0  # seconds; a package's first import on a slow card may take many
_LONGEST = 200  # characters of an error


@dataclass(frozen=True)
class Ended:
    """How a child ended: `code` as the shell has it, or None where it was too slow; `signal` is what killed it."""

    code: int | None
    out: str
    error: str
    signal: str | None

    @property
    def failure(self) -> str | None:
        """Say in one line why it did not end well; None where it did."""
        if self.code == 0:
            return None
        if self.signal is not None:
            return f"crashed ({self.signal})"
        if self.code is None:
            return "did not end in time"
        lines = [line.strip() for line in self.error.splitlines() if line.strip()]
        return lines[-1][:_LONGEST] if lines else f"ended with {self.code}"


def run_python(words: Sequence[str], patience: float = _PATIENCE) -> Ended:
    """Run this Python with arguments (`-c`, code; or `-m`, module, …) and wait for its end."""
    try:
        done = subprocess.run(  # noqa: S603 - this Python, by its own path
            [sys.executable, *words],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=patience,
            check=False,
            cwd=sys.prefix,  # or a file named like a package, in the working directory, would be taken for it
        )
    except subprocess.TimeoutExpired:
        return Ended(None, "", "", None)
    name = signal.Signals(-done.returncode).name if done.returncode < 0 else None
    return Ended(done.returncode, done.stdout, done.stderr, name)
