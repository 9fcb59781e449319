"""Python in a process of its own."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from answers import until
from edgeproof.edge.python_process import run_python


def test_a_child_reads_what_it_is_given() -> None:
    data = os.urandom(3 << 20)
    code = "import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())"
    assert run_python(["-c", code], data=data).out == hashlib.sha256(data).hexdigest() + "\n"


def test_a_child_that_reads_nothing_is_no_error() -> None:
    ended = run_python(["-c", "print('done')"], data=bytes(8 << 20))
    assert (ended.code, ended.out, ended.failure) == (0, "done\n", None)


def test_a_child_that_says_too_much_is_cut_short() -> None:
    ended = run_python(["-c", "import sys\nfor _ in range(200): sys.stdout.write('x' * 100_000)"])
    assert ended.code == 0
    assert 4 << 20 <= len(ended.out) <= (4 << 20) + (1 << 16)


def test_a_child_ends_with_all_that_it_started() -> None:
    code = "import os, time\nchild = os.fork()\nif child: print(child, flush=True)\ntime.sleep(600)"
    for patience in (2.0, 10.0, 50.0):  # until it is enough for a busy machine to start it
        ended = run_python(["-c", code], patience=patience)
        assert ended.failure == "did not end in time"
        if ended.out:
            break
    until(lambda: not _runs(int(ended.out)), "what it started goes on")


def test_a_child_has_no_descriptor_but_its_three() -> None:
    reader, writer = os.pipe()
    os.set_inheritable(writer, True)
    try:
        ended = run_python(["-c", "import os; print(sorted(map(int, os.listdir('/proc/self/fd'))))"])
    finally:
        os.close(reader)
        os.close(writer)
    assert ended.out == "[0, 1, 2, 3]\n"  # the last one is the folder's own


def _runs(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state.rpartition(")")[2].split()[0] != "Z"  # what has ended may not have been waited for yet
