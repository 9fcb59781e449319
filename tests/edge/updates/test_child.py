"""A child of this process, once it is closed."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest

from answers import until
from edgeproof.edge.errors import InputError
from edgeproof.edge.updates.child import Child
from edgeproof.edge.updates.messages import Task
from edgeproof.edge.updates.shared import create
from edgeproof.edge.updates.terms import Opening

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="its pipes are those of Unix")

SILENT = ("-c", "import sys; sys.stdin.read()")
PATIENCE = 60.0  # seconds; only a test that fails waits so long
OVER = r"expected a model that runs, received one whose process crashed \(SIGKILL\)"


@pytest.fixture
def child() -> Child:
    shared = create(1)
    try:
        return Child(SILENT, Task("a.tflite", (), "image", Opening(), 1, shared))
    finally:
        os.close(shared)


def test_what_is_sent_to_a_closed_child_goes_to_no_other_file(child: Child, tmp_path: Path) -> None:
    child.close()
    files = [tmp_path / str(number) for number in range(32)]  # one of which has the number of its pipe
    handles = [os.open(file, os.O_WRONLY | os.O_CREAT) for file in files]
    try:
        with pytest.raises(InputError, match=OVER):
            child.send(b"x")
    finally:
        for handle in handles:
            os.close(handle)
    assert [file.stat().st_size for file in files] == [0] * len(files)


def test_nothing_is_read_for_a_closed_child_from_another_file(child: Child, tmp_path: Path) -> None:
    child.close()
    (tmp_path / "full").write_bytes(b"xxxx")
    handles = [os.open(tmp_path / "full", os.O_RDONLY) for _ in range(32)]
    try:
        with pytest.raises(InputError, match=OVER):
            child.read(1, PATIENCE)
    finally:
        for handle in handles:
            os.close(handle)


def test_child_that_is_closed_ends_another_thread_s_wait(child: Child) -> None:
    said: list[str] = []

    def wait() -> None:
        try:
            child.read(1, PATIENCE)
        except InputError as error:
            said.append(str(error))

    waiting = threading.Thread(target=wait, daemon=True)
    waiting.start()
    child.close()
    until(lambda: bool(said), "the wait has ended")
    assert said == ["expected a model that runs, received one whose process crashed (SIGKILL)"]
