"""A live source that is opened again whenever it fails, for as long as a run lasts."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import cv2

from ..errors import InputError
from ..sources import Frame, Source, Spare
from ..sources.stillness import StillError, Stillness
from .absence import Absence

_PAUSES = (0.0, 0.25, 0.5, 1.0)  # seconds before each try to open it again; the last one holds
_STEADY = 2.0  # seconds of frames, after which the next failure is the first one again
_READING = 4.0  # seconds for one read, beyond the time between two frames; sources give up by themselves before that
_OPENING = 15.0  # seconds to open it; an address may be asked several times
_FAILURES = (InputError, OSError, cv2.error)


class Recovering:
    """Opens a source, reads it, and opens it again when it fails: it was unplugged, its server restarts, it is frozen.

    It is read by one thread; `cancel` and `stuck_for` are for any other.

    Args:
        opened: opens the source; it raises InputError where it is not there.
        first: one that was opened before; where None, it is waited for.
        stillness: what `opened` has it watched with.
        absence: what is told when frames stop and when they come again.
        interval: seconds between two frames, where a person asked for so few.
        give_up: seconds without a frame after which the failure is raised after all; never where None.
    """

    live = True

    def __init__(
        self,
        opened: Callable[[], Source],
        first: Source | None,
        stillness: Stillness,
        absence: Absence,
        *,
        interval: float = 0.0,
        give_up: float | None = None,
    ) -> None:
        self._opened, self._stillness, self._absence = opened, stillness, absence
        self._reading, self._give_up = _READING + interval, give_up
        self._cancelled = threading.Event()
        self._due: float | None = None  # when the call into the source that is under way is to be over
        self._last = time.monotonic()  # when a frame came
        self._failures = 0  # since frames came for a while
        self._since = self._last  # when it was opened
        self._seen = first is None  # whether a failure is one to recover from
        self._source = first

    def read(self, spare: Spare = None) -> Frame | None:
        """Wait for the next frame, however long the source is away; None at the end, or once it is cancelled.

        Raises:
            InputError: the source failed before its first frame, or for longer than it may.
        """
        while not self._cancelled.is_set():
            try:
                return self._frame(spare)
            except _FAILURES as error:  # noqa: PERF203 - once a frame, which takes a thousand times as long
                self._refuse(error)
                self._release()
                self._tell(error)
                self._cancelled.wait(_PAUSES[min(self._failures, len(_PAUSES) - 1)])
                self._failures += 1
        return None

    def close(self) -> None:
        """Release the source; by the thread that reads."""
        self._release()

    def cancel(self) -> None:
        """End a wait for the source."""
        self._cancelled.set()

    def stuck_for(self) -> float:
        """Give the seconds by which the call that is under way is late; negative where it is not, or where none is."""
        due = self._due
        return -1.0 if due is None else time.monotonic() - due

    def _frame(self, spare: Spare) -> Frame | None:
        if self._source is None:
            self._due = time.monotonic() + _OPENING
            self._source = self._opened()
            self._since = time.monotonic()
        self._due = time.monotonic() + self._reading
        frame = self._source.read(spare)
        self._due = None
        if frame is None and self._source.live:
            raise InputError("expected the next frame, received the end of the stream: its server hung up")
        if frame is not None:
            self._seen, self._last = True, time.monotonic()
            self._absence.end(frame.source)
            if self._last - self._since > _STEADY:
                self._failures = 0
        return frame

    def _tell(self, error: Exception) -> None:
        # That a scene stands still is told once: opening it again now and then is to make sure.
        if not (isinstance(error, StillError) and self._stillness.is_usual):
            self._absence.begin(f"{' '.join(str(error).split())}; it is opened again until frames come")

    def _release(self) -> None:
        source, self._source = self._source, None
        if source is not None:
            self._due = time.monotonic() + self._reading
            source.close()
        self._due = None

    def _refuse(self, error: Exception) -> None:
        away = time.monotonic() - self._last
        if self._seen and (self._give_up is None or away < self._give_up):
            return
        self._due = None
        if isinstance(error, InputError):
            raise error
        raise InputError(f"expected frames, received {' '.join(str(error).split())}; check the camera") from error
