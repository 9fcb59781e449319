"""The thread that looks, with a folder and trials that do what a test has them do."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from answers import until
from edgeproof.edge.console import Console
from edgeproof.edge.errors import InputError
from edgeproof.edge.updates.folder import Found
from edgeproof.edge.updates.watcher import Watcher

NEW, OLD = (Found(Path(name), name) for name in ("new.tflite", "old.tflite"))


class Folder:
    """A folder in which both files have settled at every look, unless it cannot be read."""

    def __init__(self) -> None:
        self.looks = 0
        self.errors: list[Exception | None] = []  # of the next looks
        self.forgotten: list[Found] = []

    def look(self, _: Callable[[], bool]) -> list[Found]:
        self.looks += 1
        if self.errors and (error := self.errors.pop(0)) is not None:
            raise error
        return [NEW, OLD]

    def forget(self, found: Found) -> None:
        self.forgotten.append(found)


class Trials:
    """Takes what it is told to take."""

    def __init__(self, taken: dict[str, bool | Exception]) -> None:
        self.ended = threading.Event()
        self.taken = taken
        self.tries: list[str] = []
        self.closed = False

    def settle(self) -> None:
        pass

    def is_new(self, found: Found) -> bool:
        return found.sha256 in self.taken

    def tried(self, found: Found) -> bool:
        self.tries.append(found.sha256)
        taken = self.taken.pop(found.sha256)
        if isinstance(taken, Exception):
            raise taken
        return taken

    def close(self) -> None:
        self.closed = True


def is_there() -> bool:
    """Tell whether the thread is."""
    return any(thread.name == "updates" for thread in threading.enumerate())


def watched(folder: Folder, trials: Trials, looks: int, download: Any = None) -> list[str]:
    """Watch for so many looks, until it has closed; gives what was said."""
    said = io.StringIO()
    watcher = Watcher(folder, download, trials, Console(stream=said), 0.001)  # type: ignore[arg-type]
    watcher.start()
    until(lambda: folder.looks >= looks, "it has looked so often")
    watcher.close()
    assert trials.closed
    assert not is_there()
    return said.getvalue().splitlines()


def test_older_files_of_the_same_look_are_passed_over_once_one_is_taken() -> None:
    trials = Trials({"new.tflite": True})
    assert watched(Folder(), trials, 3) == []
    assert trials.tries == ["new.tflite"]


def test_the_next_file_is_tried_where_the_newest_is_refused() -> None:
    trials = Trials({"new.tflite": False, "old.tflite": True})
    watched(Folder(), trials, 3)
    assert trials.tries == ["new.tflite", "old.tflite"]


def test_file_that_is_still_written_to_is_looked_at_again() -> None:
    folder, trials = Folder(), Trials({"new.tflite": InputError("still written to"), "old.tflite": False})
    assert watched(folder, trials, 3) == []
    assert folder.forgotten == [NEW]
    assert trials.tries == ["new.tflite", "old.tflite"]


def test_folder_that_cannot_be_read_is_told_once_until_it_can_be_again() -> None:
    folder = Folder()
    gone = FileNotFoundError(2, "No such file or directory")
    folder.errors = [gone, gone, None, gone, InputError("expected another file"), InputError("expected another file")]
    assert watched(folder, Trials({}), 8) == [
        "warning: --watch: expected a folder that can be read, received [Errno 2] No such file or directory",
        "warning: --watch: expected a folder that can be read, received [Errno 2] No such file or directory",
        "warning: --watch: expected another file",
    ]


def test_a_few_mistakes_of_ours_are_told_and_many_end_the_looking() -> None:
    folder = Folder()
    folder.errors = [ZeroDivisionError("zero")] * 9
    said = watched(folder, Trials({}), 5)
    assert said == ["warning: --watch met ZeroDivisionError: zero; the answers go on"] * 5
    assert folder.looks == 5


def test_thread_stays_when_it_looks_no_more_for_its_child_would_end_with_it() -> None:
    folder, trials, said = Folder(), Trials({}), io.StringIO()
    folder.errors = [ZeroDivisionError("zero")] * 5
    watcher = Watcher(folder, None, trials, Console(stream=said), 0.001)  # type: ignore[arg-type]
    watcher.start()
    until(lambda: said.getvalue().count("\n") == 5, "it has met so many")
    for thread in threading.enumerate():
        if thread.name == "updates":
            thread.join(0.2)
    assert is_there()
    assert folder.looks == 5
    watcher.close()
    assert not is_there()


def test_address_is_asked_before_the_folder() -> None:
    class Download:
        asked = 0

        def poll(self, is_over: Callable[[], bool]) -> None:
            self.asked += not is_over()

    download, folder = Download(), Folder()
    watched(folder, Trials({}), 2, download)
    assert download.asked >= 2


@pytest.mark.parametrize("taken", [True, False])
def test_nothing_more_is_tried_once_the_run_is_over(taken: bool) -> None:
    class Last(Trials):
        def tried(self, found: Found) -> bool:
            self.ended.set()
            return super().tried(found)

    folder, trials = Folder(), Last({"new.tflite": taken, "old.tflite": taken})
    watched(folder, trials, 1)
    assert trials.tries == ["new.tflite"]
