"""The supervisor: a process that does nothing but start a worker again when native code crashed or hangs in it.

No library can be trusted not to crash, and a call that hangs in a driver ends only with its process. The supervisor is
forked before anything native is loaded, so it holds a few megabytes that it shares with the worker, and no frame ever
passes through it.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from .. import streams
from ..errors import ExitCode
from ..signal_names import signal_name
from .pulse import Pulse

_NATIVE = ("numpy", "cv2")  # a fork would take their threads' locks along, and leave the threads behind
_INTERVAL = 0.5  # seconds between looks at the pulse; an end is seen at once
_STARTING = 170.0  # seconds without a beat until the first answer: a large model on a slow card
_HANGING = 20.0  # seconds without one after that
_ENDING = 15.0  # seconds for a worker that was asked to end
_PAUSES = (0.0, 0.2, 0.5, 1.0, 2.0, 4.0)  # seconds before a start, by how many before it gave no answer


@dataclass(frozen=True)
class End:
    """How a worker ended: its exit code, or None and in words what ended it."""

    code: int | None
    how: str

    @classmethod
    def of(cls, status: int) -> End:
        """Read what `waitpid` says."""
        code = os.waitstatus_to_exitcode(status)
        return cls(code, f"ended with {code}") if code >= 0 else cls(None, f"crashed ({signal_name(-code)})")


def is_possible() -> bool:
    """Tell whether this process can be forked and wait for signals: on Linux, as long as nothing native is loaded."""
    clean = threading.active_count() == 1 and not any(name in sys.modules for name in _NATIVE)
    return clean and hasattr(os, "fork") and hasattr(signal, "sigtimedwait")


def supervised(work: Callable[[Pulse], int]) -> int:
    """Do the work in a worker process, and in another one after it for as long as it crashes or hangs.

    It returns in the worker too, with what `work` gave: both processes go on to end as every command does.

    Args:
        work: what a worker does; it beats the pulse at least every few seconds, and counts its answers there.

    Returns:
        The exit code. A first worker that ends without an answer is not started again, because what never worked is
        an error for a person.
    """
    return _Supervisor(work).run()


class _Supervisor:
    def __init__(self, work: Callable[[Pulse], int]) -> None:
        self._work, self._pulse = work, Pulse()
        self._asked_to_end: float | None = None  # when, in seconds of time.monotonic
        self._fruitless = 0  # starts in a row that gave no answer
        self._heard = {signal.SIGCHLD, signal.SIGTERM}
        if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:  # a job in the background does not hear it
            self._heard.add(signal.SIGINT)

    def run(self) -> int:
        before = signal.pthread_sigmask(signal.SIG_BLOCK, self._heard)
        try:
            while (worker := self._forked()) != 0:
                if (code := self._outcome(worker)) is not None:
                    return code
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return self._work(self._pulse)

    def _outcome(self, worker: int) -> int | None:
        """Wait for the end of a worker; gives the exit code of it all, or None where another worker is due."""
        answers = self._pulse.answers
        end = self._end(worker)
        self._fruitless = 0 if self._pulse.answers > answers else self._fruitless + 1
        if self._is_final(end, wanted=self._pulse.take_request()):
            return self._code(end)
        self._announce(end)
        return ExitCode.GOOD if self._is_told_to_end(_PAUSES[min(self._fruitless, len(_PAUSES) - 1)]) else None

    def _forked(self) -> int:
        sys.stdout.flush()  # or what waits there would be written by both
        sys.stderr.flush()
        self._pulse.beat()
        self._pulse.workers += 1
        return os.fork()

    def _end(self, worker: int) -> End:
        """Wait for the end of a worker; kill it where it hangs, and pass on what asks for its end."""
        while True:
            heard = signal.sigtimedwait(self._heard, _INTERVAL)
            if heard is not None and heard.si_signo != signal.SIGCHLD:
                self._asked_to_end = time.monotonic()
                os.kill(worker, heard.si_signo)
            ended, status = os.waitpid(worker, os.WNOHANG)
            if ended:
                return End.of(status)
            if self._hangs():
                os.kill(worker, signal.SIGKILL)
                os.waitpid(worker, 0)
                return End(None, "hung")

    def _hangs(self) -> bool:
        if self._asked_to_end is not None:
            return time.monotonic() - self._asked_to_end > _ENDING
        return self._pulse.silence > (_HANGING if self._pulse.answers else _STARTING)

    def _is_final(self, end: End, *, wanted: bool) -> bool:
        if self._asked_to_end is not None or end.code == ExitCode.GOOD:
            return True
        if wanted:
            return False
        # What never worked is for a person to mend, and so is a check that failed, or what the first worker says of
        # its own accord. A later one is tried again, whatever it says: its camera or its port may still be held by
        # what is left of the one before.
        if self._pulse.answers == 0 or (end.code == ExitCode.FAILED and self._fruitless):
            return True
        return end.code == ExitCode.BAD_INPUT and self._pulse.workers == 1

    def _code(self, end: End) -> int:
        if end.code is not None:
            return end.code
        if self._asked_to_end is not None:
            streams.complain(f"expected an orderly end within {_ENDING:g} s, received a process that {end.how}")
            return ExitCode.FAILED
        return streams.complain(
            f"expected a first answer, received a process that {end.how}; its model, its camera's driver or a package "
            "is at fault: edgeproof doctor and edgeproof check try each of them alone"
        )

    def _announce(self, end: End) -> None:
        sys.stderr.write(f"warning: after {self._pulse.answers} answer(s) the process {end.how}; starting it again\n")
        sys.stderr.flush()

    def _is_told_to_end(self, pause: float) -> bool:
        """Wait before the next start; True where a signal says that there shall be none."""
        until = time.monotonic() + pause
        while (left := until - time.monotonic()) > 0:
            heard = signal.sigtimedwait(self._heard, left)
            if heard is not None and heard.si_signo != signal.SIGCHLD:
                return True
        return False
