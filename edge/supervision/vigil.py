"""The vigil over a run's live source: kept by the loop while frames come, and while none do."""

from __future__ import annotations

import time
from collections.abc import Sequence

from ..errors import InputError
from ..sinks import Sink, WaitingSink
from .absence import Absence
from .pulse import Pulse
from .recovering import Recovering

_NOTICE = 1.5  # seconds without a frame, beyond the time between two, after which that is told
_INTERVAL = 1.0  # seconds between two words to the sinks


class Vigil:
    """Tells everyone that a source is silent, and ends a process that hangs in a camera's driver.

    Args:
        source: what is opened again when it fails.
        absence: where a silence is told; the source tells its failures there too.
        sinks: those that can wait are told, once a second, for how long.
        pulse: of this worker; without one, nobody starts the process again, and a driver that hangs is an error.
        interval: seconds between two frames, where a person asked for so few.
    """

    def __init__(
        self, source: Recovering, absence: Absence, sinks: Sequence[Sink], pulse: Pulse | None, interval: float = 0.0
    ) -> None:
        self._source, self._absence, self._pulse = source, absence, pulse
        self._sinks = [sink for sink in sinks if isinstance(sink, WaitingSink)]
        self._notice = _NOTICE + interval
        self._told = 0.0  # when the sinks were, in seconds of time.monotonic

    def answered(self) -> None:
        """Note that a frame was answered."""
        if self._pulse is not None:
            self._pulse.answered()

    def silent(self, name: str, seconds: float) -> None:
        """Hear, a few times a second, for how long no frame has come from the source of this name.

        Raises:
            InputError: a call into its driver hangs, which only the end of the process ends.
        """
        if self._pulse is not None:
            self._pulse.beat()
        if seconds >= self._notice:
            self._absence.begin(f"{name}: no frame for {self._notice:g} s; waiting for it")
        if self._source.stuck_for() > 0:
            self._end(name)
        now = time.monotonic()
        if seconds >= self._notice and now - self._told >= _INTERVAL:
            self._told = now
            for sink in self._sinks:
                sink.wait(seconds)

    def over(self) -> None:
        """Let the source wait no more: the run ends."""
        self._source.cancel()

    def _end(self, name: str) -> None:
        if self._pulse is not None:
            self._pulse.ask_for_restart()
        raise InputError(
            f"expected {name} to answer, received nothing from a call into its driver that does not return; "
            + ("the process is started again" if self._pulse is not None else "check its plug, and start again")
        )
