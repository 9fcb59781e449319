"""Those who watch: they wait for the next shot together, and there is a bound to how many do."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from starlette.exceptions import HTTPException
from starlette.types import Scope

from .picture import Shot

MOST = 32  # viewers that wait at once
WATCHING = "edgeproof.watching"  # in the state of a request that has a seat, for its connection to see
_FRESH = 0.5  # seconds; a shot that is older was made for somebody who has left


class Viewers:
    """The newest shot and who waits for the next; for the server's own thread alone.

    Args:
        want: asks for a shot.
    """

    def __init__(self, want: Callable[[], None]) -> None:
        self._want = want
        self._shot: Shot | None = None
        self._changed = asyncio.Event()
        self._seats = 0
        self._silences = 0  # that were told
        self.ended = False

    def publish(self, shot: Shot) -> None:
        """Give a shot to all who wait."""
        self._shot = shot
        self._wake()

    def fall_silent(self) -> None:
        """Tell all who wait that the camera gives nothing now."""
        self._silences += 1
        self._wake()

    def end(self) -> None:
        """Tell all who wait, and who ask later, that there will be no more."""
        self.ended = True
        self._wake()

    @contextmanager
    def seat(self, scope: Scope) -> Iterator[None]:
        """Count a viewer, and mark its request.

        Raises:
            HTTPException: every seat is taken.
        """
        if self._seats >= MOST:
            raise HTTPException(503, f"{MOST} viewers are watching, try again later", {"Retry-After": "5"})
        self._seats += 1
        state = scope.setdefault("state", {})
        state[WATCHING] = True
        try:
            yield
        finally:
            del state[WATCHING]
            self._seats -= 1

    async def newer(self, after: int, patience: float, *, bears_silence: bool = False) -> Shot | None:
        """Wait for a shot other than number `after`; None where the camera falls silent or it takes too long.

        Args:
            after: the number of the shot that is known.
            patience: seconds.
            bears_silence: whether a camera that falls silent is waited for, too.
        """
        # Not "above": the numbers of an earlier run, which a page may still hold, can be higher.
        deadline = time.monotonic() + patience
        heard = self._silences  # one is told again while it lasts
        while not self.ended and (bears_silence or self._silences == heard):
            now = time.monotonic()
            if self._shot is not None and self._shot.number != after and now - self._shot.made < _FRESH:
                return self._shot
            self._want()
            try:
                await asyncio.wait_for(self._changed.wait(), deadline - now)
            except asyncio.TimeoutError:
                return None
        return None

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
