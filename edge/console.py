"""What a person sees while a command runs: lines, warnings and progress on standard error.

Standard output is left to results, so that `--json` can be piped. The device has numpy, OpenCV and an interpreter and
nothing else, hence a bar of our own.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from .native_noise import STANDARD_ERROR

_BAR = 24  # characters
_PATIENCE = 1.0  # seconds without a word before progress is worth showing
_PLAIN_INTERVAL = 10.0  # seconds between progress lines where there is no terminal


class Console:
    """Where a command speaks to a person; with `quiet` only warnings are left."""

    def __init__(self, *, quiet: bool = False, stream: TextIO | None = None) -> None:
        self.quiet = quiet
        self.stream = stream or sys.stderr

    def say(self, line: str) -> None:
        """Print one line."""
        if not self.quiet:
            self._print(line)

    def warn(self, line: str) -> None:
        """Print one warning."""
        self._print(f"warning: {line}")

    def _print(self, line: str) -> None:
        with STANDARD_ERROR:
            print(line, file=self.stream, flush=True)

    @contextmanager
    def progress(self, what: str, total: int) -> Iterator[Progress]:
        """Show how far a task of `total` steps is: a bar on a terminal, a plain line now and then elsewhere."""
        progress = Progress(what, total, self)
        try:
            yield progress
        finally:
            progress.close()


class Progress:
    """The progress of one task."""

    def __init__(self, what: str, total: int, console: Console) -> None:
        self._what, self._total, self._console = what, total, console
        self._done = 0
        self._note = ""
        self._start = time.monotonic()
        self._terminal = console.stream.isatty()
        self._next = self._start + _PATIENCE
        self._shown, self._shown_at = False, 0

    def advance(self, steps: int = 1, note: str = "") -> None:
        """Count steps that are done; `note` is shown behind the numbers."""
        self._done += steps
        self._note = note or self._note
        now = time.monotonic()
        if now >= self._next and not self._console.quiet:
            self._next = now + (0.1 if self._terminal else _PLAIN_INTERVAL)
            self._show()

    def announce(self, note: str) -> None:
        """Show at once what a step that may take long is about."""
        self._note = note
        if not self._console.quiet:
            self._show()

    def close(self) -> None:
        """Leave the last state on the screen, where one was shown."""
        if self._shown:
            if self._terminal or self._done != self._shown_at:
                self._show()
            if self._terminal:
                self._console.stream.write("\n")

    def _show(self) -> None:
        self._shown, self._shown_at = True, self._done
        line = progress_line(self._what, self._done, self._total, time.monotonic() - self._start, self._note)
        if self._terminal:
            self._console.stream.write(f"\r\x1b[K{bar(self._done, self._total)} {line}")
            self._console.stream.flush()
        else:
            self._console.say(line)


def progress_line(what: str, done: int, total: int, seconds: float, note: str) -> str:
    """Word the state of a task, with the time that is left by the pace so far."""
    left = ""
    if done >= total:
        left = f" in {seconds:.1f} s"
    elif done:
        left = f", {seconds / done * (total - done):.0f} s left"
    return f"{what}: {done}/{total}{left}" + (f" · {note}" if note else "")


def bar(done: int, total: int) -> str:
    """Draw a bar of fixed width."""
    filled = _BAR * min(done, total) // max(total, 1)
    return "█" * filled + "░" * (_BAR - filled)


def table(rows: list[tuple[str, ...]]) -> str:
    """Align rows under the first one, which is the head: words to the left, numbers to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    numeric = [all(row[i][:1].isdigit() or row[i] in ("", "–") for row in rows[1:]) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, numeric, strict=True)
        ]
        lines.append("  ".join(cells).rstrip())
    lines.insert(1, "  ".join("─" * width for width in widths))
    return "\n".join(lines)
