"""A command of edgeproof that ends itself by SIGKILL at one of its steps on the disk.

Its arguments are FOLDER STEP WORD… The steps are what it does to files within FOLDER: opened to be written, synced,
renamed, linked, deleted, made shorter; and each line that it appends, of which a half is written first. STEP 0 ends
nothing; the number of steps is then left in FOLDER.steps. Python's audit hooks see the opened and the moved files of
every library that is written in Python.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

_PLACES = {"open": 1, "os.rename": 2, "os.link": 2, "os.remove": 1, "os.mkdir": 1}  # how many arguments are paths
_WRITING = os.O_WRONLY | os.O_RDWR


class Steps:
    """Counts the steps, and ends the process at one of them."""

    def __init__(self, folder: Path, last: int) -> None:
        self._folder, self._last = str(folder), last
        self.count = 0

    def step(self) -> bool:
        """Count one; tells whether it is the last."""
        self.count += 1
        return self.count == self._last

    def hear(self, event: str, arguments: tuple[object, ...]) -> None:
        """Be told of an event by Python."""
        paths = arguments[: _PLACES.get(event, 0)]
        if event == "open" and not self._is_writing(arguments):
            return
        if any(self._is_within(path) for path in paths) and self.step():
            end()

    def _is_within(self, path: object) -> bool:
        return isinstance(path, (str, bytes, os.PathLike)) and os.fsdecode(path).startswith(self._folder)

    @staticmethod
    def _is_writing(arguments: tuple[object, ...]) -> bool:
        flags = arguments[2] if len(arguments) > 2 else 0
        return isinstance(flags, int) and bool(flags & _WRITING)


def end() -> None:
    """End this process as a loss of power would."""
    os.kill(os.getpid(), signal.SIGKILL)


def watch(steps: Steps) -> None:
    """Count what the audit hooks do not see: syncs, and lines that are appended, which are cut in the middle."""
    sync, write, cut = os.fsync, os.write, os.ftruncate

    def dying_sync(handle: int) -> None:
        if steps.step():
            end()
        sync(handle)

    def dying_write(handle: int, data: bytes) -> int:
        if handle > 2 and steps.step():
            write(handle, data[: len(data) // 2])
            end()
        return write(handle, data)

    def dying_cut(handle: int, length: int) -> None:
        if steps.step():
            end()
        cut(handle, length)

    os.fsync, os.write, os.ftruncate = dying_sync, dying_write, dying_cut  # type: ignore[assignment]
    sys.addaudithook(steps.hear)


def main(folder: str, last: str, *words: str) -> int:
    """Run the command; returns its exit code."""
    from edgeproof.edge.cli import main as edgeproof

    steps = Steps(Path(folder), int(last))
    watch(steps)
    code = edgeproof(words)
    if int(last) == 0:
        Path(f"{folder}.steps").write_text(str(steps.count), "ascii")
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
