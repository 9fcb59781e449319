"""The newest frame of a live source: a thread reads on while inference is busy, so that no answer lags behind."""

from __future__ import annotations

import threading

from .sources import Frame, Source

_PATIENCE = 1.0  # seconds for a read in progress; a camera that hangs is left to the end of the process


class NewestFrame:
    """Wraps a live source, which is its own from then on; `read` gives the newest frame that was not given before."""

    live = True

    def __init__(self, source: Source) -> None:
        self.dropped = 0  # frames that came and went while inference was busy
        self._source = source
        self._changed = threading.Condition()
        self._frame: Frame | None = None
        self._error: BaseException | None = None
        self._ended = False
        self._thread = threading.Thread(target=self._capture, name="capture", daemon=True)
        self._thread.start()

    def read(self) -> Frame | None:
        """Wait for a frame that is newer than the last one given; None at the end. Raises what the source raised."""
        with self._changed:
            self._changed.wait_for(lambda: self._frame is not None or self._ended)
            frame, self._frame = self._frame, None
            if frame is None and self._error is not None:
                raise self._error
            return frame

    def close(self) -> None:
        """Tell the thread to end, and wait a moment until it has closed the source."""
        with self._changed:
            self._ended = True
        self._thread.join(timeout=_PATIENCE)

    def _capture(self) -> None:
        try:
            while (frame := self._source.read()) is not None:
                with self._changed:
                    if self._ended:
                        return
                    self.dropped += self._frame is not None
                    self._frame = frame
                    self._changed.notify()
        except BaseException as error:  # handed to the thread that reads, which raises it
            self._error = error
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify()
            # Here and nowhere else: to release a camera that is being read can crash the process.
            self._source.close()
