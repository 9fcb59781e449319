"""The thread that looks for new model files and has each of them tried."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from ..console import Console
from ..errors import InputError
from .folder import Folder
from .trials import Trials

if TYPE_CHECKING:
    from .download import Download

_PATIENCE = 3.0  # seconds for the thread to end
_MOST_MISTAKES = 5


class Watcher:
    """Looks into a folder every so often, until it is closed.

    Args:
        folder: where files appear.
        download: what puts them there, where they come from an address.
        trials: what tries them.
        console: where it is said that the folder or the address cannot be read.
        every: seconds between two looks.
    """

    def __init__(
        self, folder: Folder, download: Download | None, trials: Trials, console: Console, every: float
    ) -> None:
        self._folder, self._download, self._trials = folder, download, trials
        self._console, self._every = console, every
        self._complained: str | None = None  # what was said last of a folder or an address
        self._mistakes = 0
        self._ended = trials.ended
        self._thread = threading.Thread(target=self._run, name="updates", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """End, with every child; what is tried at the moment is tried again in the next run."""
        self._ended.set()
        self._thread.join(_PATIENCE)
        self._trials.close()

    def _run(self) -> None:
        while not self._ended.is_set() and self._mistakes < _MOST_MISTAKES:
            try:
                self._look()
                self._complained = None
            except OSError as error:
                self._complain(f"--watch: expected a folder that can be read, received {error}")
            except InputError as error:
                self._complain(f"--watch: {error}")
            except Exception as error:  # a mistake of ours, which is no reason to end the answers
                self._mistakes += 1
                self._console.warn(f"--watch met {type(error).__name__}: {error}; the answers go on")
            self._ended.wait(self._every)
        self._ended.wait()  # for a child that answers is ended by the system with the thread that began it

    def _complain(self, words: str) -> None:
        if words != self._complained:  # once, as long as it stays so
            self._console.warn(words)
        self._complained = words

    def _look(self) -> None:
        self._trials.settle()
        if self._download is not None:
            self._download.poll(self._ended.is_set)
        for found in self._folder.look(self._ended.is_set):
            if self._ended.is_set():
                return
            if not self._trials.is_new(found):
                continue
            try:
                if self._trials.tried(found):
                    return  # the older files of the same look are passed over
            except InputError:
                self._folder.forget(found)  # it was still written to
