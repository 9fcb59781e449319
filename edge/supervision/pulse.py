"""The pulse of a worker process: a few numbers in memory that it shares with its supervisor."""

from __future__ import annotations

import mmap
import os
import struct
import time

_BEAT = struct.Struct("<d")  # seconds of time.monotonic, which all processes of a machine share
_COUNT = struct.Struct("<Q")
_FLAG = struct.Struct("<?")
_BEAT_AT, _ANSWERS_AT, _RESTART_AT, _SIZE = 0, 8, 16, 24


class Pulse:
    """Made before the fork: the worker writes, the supervisor reads; no lock, because each number is one store."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _SIZE)
        self._supervisor = os.getpid()
        self.workers = 0  # that were started
        self.beat()

    def beat(self) -> None:
        """Show that the loop turns.

        Raises:
            KeyboardInterrupt: the supervisor is gone, and nobody would end this process.
        """
        _BEAT.pack_into(self._memory, _BEAT_AT, time.monotonic())
        if os.getppid() != self._supervisor and os.getpid() != self._supervisor:
            raise KeyboardInterrupt

    def answered(self) -> None:
        """Count one answer, and beat."""
        _COUNT.pack_into(self._memory, _ANSWERS_AT, self.answers + 1)
        self.beat()

    def ask_for_restart(self) -> None:
        """Ask for another worker in the place of this one, however it ends."""
        _FLAG.pack_into(self._memory, _RESTART_AT, True)

    @property
    def answers(self) -> int:
        """Frames that all workers together have answered."""
        return int(_COUNT.unpack_from(self._memory, _ANSWERS_AT)[0])

    @property
    def silence(self) -> float:
        """Seconds since the last beat."""
        return time.monotonic() - float(_BEAT.unpack_from(self._memory, _BEAT_AT)[0])

    def take_request(self) -> bool:
        """Tell whether the worker asked for another one, and forget it."""
        asked = bool(_FLAG.unpack_from(self._memory, _RESTART_AT)[0])
        _FLAG.pack_into(self._memory, _RESTART_AT, False)
        return asked
