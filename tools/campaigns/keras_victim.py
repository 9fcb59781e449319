"""A workstation that is given one hostile file after another, in one process, and says what came of each.

Its arguments are the canaries' folder and a file of command lines, one JSON list a line. Each answer is one line of
JSON on standard output: the exit code, the lines that were said, and what was touched that nobody may touch. Python's
audit hooks tell of programs, connections and imports; the kernel's inotify tells of the canaries' files, whoever opens
them.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import json
import os
import resource
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

_ALARMS = (
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "subprocess.Popen",
    "socket.connect",
    "urllib.Request",
    "pty.spawn",
)
_MEMORY = 12 * 2**30  # bytes of addresses; a bomb is to be refused long before
_NONBLOCK = 0o4000
_ALL = 0xFFF  # every event of inotify
_HEAD = struct.Struct("iIII")
_NOISE = 0x4000_0000  # IN_ISDIR: a folder that is listed


class Guard:
    """Watches the canaries; `touched` lists what happened since it was last asked."""

    def __init__(self, canary: Path) -> None:
        self._canary = str(canary)
        self._said: list[str] = []
        library = ctypes.CDLL(None, use_errno=True)
        self._handle = library.inotify_init1(_NONBLOCK)
        for folder in (canary, *(path for path in canary.rglob("*") if path.is_dir())):
            if library.inotify_add_watch(self._handle, os.fsencode(folder), _ALL) < 0:
                raise OSError(ctypes.get_errno(), "inotify")
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[object, ...]) -> None:
        words = " ".join(map(str, arguments))[:200]
        is_import = event == "import" and words.startswith("canary_module")
        if event.startswith(_ALARMS) or is_import or (event == "open" and self._canary in words):
            self._said.append(f"{event} {words}")

    def touched(self) -> list[str]:
        """Give what happened since it was last asked."""
        with contextlib.suppress(BlockingIOError):
            data = os.read(self._handle, 1 << 16)
            while data:
                _, mask, _, length = _HEAD.unpack_from(data)
                name = data[_HEAD.size : _HEAD.size + length].rstrip(b"\0").decode()
                if not mask & _NOISE:
                    self._said.append(f"inotify {mask:x} {name}")
                data = data[_HEAD.size + length :]
        said, self._said = self._said, []
        return said


def answers(lines: Iterator[str], guard: Guard) -> Iterator[dict[str, object]]:
    """Run the command lines."""
    from edgeproof.edge import cli

    for line in lines:
        said = io.StringIO()
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
            code = cli.main(json.loads(line))
        yield {"code": code, "said": said.getvalue().splitlines(), "touched": guard.touched()}


def main(canary: str, commands: str) -> int:
    """Run all; returns 0."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    import tensorflow  # noqa: F401 - before the watch begins: it starts programs of its own

    results = os.fdopen(os.dup(1), "w")
    guard = Guard(Path(canary))
    with Path(commands).open("r", encoding="utf-8") as lines:
        for answer in answers(iter(lines), guard):
            results.write(json.dumps(answer) + "\n")
            results.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
