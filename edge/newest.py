"""The newest frame of a live source: a thread reads on while inference is busy, so that no answer lags behind."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import Protocol

from .errors import InputError
from .sources import Frame, Source, Spare

_PATIENCE = 0.4  # seconds for a read in progress; a camera that hangs is left to the end of the process
_SPARES = 2  # images: one is being written, one waits, one is being answered, and at most two of those are idle
_TICK = 0.25  # seconds between two words about a silence
SILENCE = 5.0  # seconds without a frame, after which a live source counts as frozen where nobody keeps a vigil


class Silence(Protocol):
    """What hears that no frame comes."""

    def silent(self, name: str, seconds: float) -> None:
        """Hear for how long none has come from the source of this name; raising InputError ends the wait for one."""
        ...

    def over(self) -> None:
        """Hear that nobody waits any more."""
        ...


class Limit:
    """Bears a silence of so many seconds, and then ends it."""

    def __init__(self, seconds: float = SILENCE) -> None:
        self._seconds = seconds

    def silent(self, name: str, seconds: float) -> None:
        """Raise InputError once it was too long."""
        if seconds >= self._seconds:
            raise InputError(
                f"expected a frame within {self._seconds:g} s, received none from {name}: it hangs or was taken away; "
                "check its plug or network, and start again"
            )

    def over(self) -> None:
        """Hear that nobody waits any more."""


class NewestFrame:
    """Wraps a live source, which is its own from then on; `read` gives the newest frame that was not given before.

    Each frame's image is written over once the next one was asked for: three images go round, whatever the pace.

    Args:
        source: live.
        silence: what hears that no frame comes; where None, that is an error after `SILENCE` seconds.
    """

    live = True

    def __init__(self, source: Source, silence: Silence | None = None) -> None:
        self.dropped = 0  # frames that came and went while inference was busy
        self._source, self._silence = source, silence or Limit()
        self._last = time.monotonic()  # when a frame came
        self._name = "the camera"  # until its first frame says more
        self._changed = threading.Condition()
        self._frame: Frame | None = None
        self._given: Frame | None = None
        self._spares: deque[Spare] = deque(maxlen=_SPARES)
        self._error: BaseException | None = None
        self._ended = False
        self._thread = threading.Thread(target=self._capture, name="capture", daemon=True)
        self._thread.start()

    def read(self, spare: Spare = None) -> Frame | None:  # noqa: ARG002 - its own images go round
        """Wait for a frame that is newer than the last one given; None at the end.

        Raises:
            InputError: no frame came for too long. What the source raised is raised here too.
        """
        with self._changed:
            if self._given is not None:
                self._spares.append(self._given.image)
                self._given = None
        while not self._wait():
            self._silence.silent(self._name, time.monotonic() - self._last)
        with self._changed:
            frame, self._frame = self._frame, None
            self._given = frame
            if frame is None and self._error is not None:
                raise self._error
            return frame

    def close(self) -> None:
        """Tell the thread to end, and wait a moment until it has closed the source."""
        with self._changed:
            self._ended = True
        self._silence.over()
        self._thread.join(timeout=_PATIENCE)

    def _wait(self) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self._frame is not None or self._ended, _TICK)

    def _capture(self) -> None:
        try:
            while (frame := self._source.read(self._spare())) is not None:
                with self._changed:
                    if self._ended:
                        return
                    if self._frame is not None:
                        self.dropped += 1
                        self._spares.append(self._frame.image)
                    self._frame, self._name, self._last = frame, frame.source, time.monotonic()
                    self._changed.notify()
        except BaseException as error:  # handed to the thread that reads, which raises it
            self._error = error
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify()
            # Here and nowhere else: to release a camera that is being read can crash the process.
            self._source.close()

    def _spare(self) -> Spare:
        with self._changed:
            return self._spares.popleft() if self._spares else None
