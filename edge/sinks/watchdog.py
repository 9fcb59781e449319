"""Signs of life for systemd: ready with the first answer, alive while answers come."""

from __future__ import annotations

import time

from ..answer import Answer
from ..console import Console
from ..service.notify import Notifier

_PERIOD = 5.0  # seconds between two states
_SHARE = 4  # signs within the time that the watchdog allows, so that a late one is no end


class WatchdogSink:
    """Tells the service manager how it goes; a loop that hangs falls silent, and is started anew.

    Args:
        notifier: the manager's socket; it is closed with this.
        allowed: seconds without a sign after which the manager acts; None where it does not watch.
        console: where it is said that the manager does not hear.
    """

    def __init__(self, notifier: Notifier, allowed: float | None, console: Console) -> None:
        self._notifier, self._console = notifier, console
        self._period = _PERIOD if allowed is None else min(_PERIOD, allowed / _SHARE)
        self._since = time.monotonic()
        self._answers, self._milliseconds = 0, 0.0  # since then
        self._is_ready, self._is_deaf = False, False

    def write(self, answer: Answer) -> None:
        """Count one answer, and tell how it goes when it is time."""
        self._answers += 1
        self._milliseconds += answer.prediction.latency.total
        now = time.monotonic()
        if not self._is_ready:
            # The time until the first answer was that of starting, which says nothing about the rate.
            self._tell("READY=1", "WATCHDOG=1", f"STATUS=the first answer took {self._milliseconds:.1f} ms")
            self._is_ready = True
        elif now - self._since >= self._period:
            self._tell("WATCHDOG=1", f"STATUS={self._state(answer, now - self._since)}")
        else:
            return
        self._since, self._answers, self._milliseconds = now, 0, 0.0

    def wait(self, seconds: float) -> None:
        """Say that this process lives while its camera does not; one that has not answered yet is not ready."""
        if self._is_ready:
            self._tell("WATCHDOG=1", f"STATUS=no frame for {seconds:.0f} s; waiting for the camera")

    def close(self) -> None:
        """Close the socket. No STOPPING=1: another process may go on in the place of this one."""
        self._notifier.close()

    def _state(self, answer: Answer, seconds: float) -> str:
        label = "" if answer.label is None else f"{' '.join(answer.label.split())} "
        return (
            f"{self._answers / seconds:.1f} answers a second, {self._milliseconds / self._answers:.1f} ms each, "
            f"{answer.dropped} dropped; {label}{answer.score:.2f}"
        )

    def _tell(self, *lines: str) -> None:
        try:
            self._notifier.tell(*lines)
        except OSError as error:
            if not self._is_deaf:
                self._console.warn(f"systemd does not hear: {error.strerror or error}; the answers go on")
            self._is_deaf = True
        else:
            self._is_deaf = False
