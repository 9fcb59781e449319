from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from answers import answer
from console_lines import Said
from edgeproof.edge.errors import InputError
from edgeproof.edge.sinks import log
from edgeproof.edge.sinks.lines import json_line
from edgeproof.edge.sinks.log import LogSink

LINE = len(json_line(answer()))  # bytes; a digit more or less for the time


def labels(path: Path) -> list[str]:
    text = path.read_text()
    assert text.endswith("\n") or not text
    return [json.loads(line)["label"] for line in text.splitlines()]


def write(sink: LogSink, *labels: str) -> None:
    for label in labels:
        sink.write(answer(label))


def test_each_answer_is_a_line_behind_those_that_were_there(tmp_path: Path, said: Said) -> None:
    for names in ("ab", "cd"):
        sink = LogSink(tmp_path / "logs" / "a.jsonl", 10_000, 2, said.console)
        write(sink, *names)
        sink.close()
    assert labels(tmp_path / "logs" / "a.jsonl") == ["a", "b", "c", "d"]
    assert said.lines == []


def test_full_file_is_rotated_and_the_oldest_goes(tmp_path: Path, said: Said) -> None:
    sink = LogSink(tmp_path / "a.jsonl", 3 * LINE - 20, 2, said.console)
    write(sink, *"abcdefghi")
    sink.close()
    assert {path.name: labels(path) for path in tmp_path.iterdir()} == {
        "a.jsonl": ["i"],
        "a.jsonl.1": ["g", "h"],
        "a.jsonl.2": ["e", "f"],
    }
    assert max(path.stat().st_size for path in tmp_path.iterdir()) <= 3 * LINE - 20


def test_file_smaller_than_a_line_has_one(tmp_path: Path, said: Said) -> None:
    sink = LogSink(tmp_path / "a.jsonl", 10, 1, said.console)
    write(sink, *"abc")
    sink.close()
    assert {path.name: labels(path) for path in tmp_path.iterdir()} == {"a.jsonl": ["c"], "a.jsonl.1": ["b"]}


def test_others_may_move_delete_or_empty_the_file(tmp_path: Path, said: Said) -> None:
    path = tmp_path / "a.jsonl"
    sink = LogSink(path, 10_000, 2, said.console)
    write(sink, "a")
    path.rename(tmp_path / "moved")
    write(sink, "b")
    path.unlink()
    write(sink, "c")
    os.truncate(path, 0)
    write(sink, "d")
    sink.close()
    assert labels(tmp_path / "moved") == ["a"]
    assert labels(path) == ["d"]


def test_folder_that_is_removed_is_made_again(tmp_path: Path, said: Said) -> None:
    path = tmp_path / "logs" / "a.jsonl"
    sink = LogSink(path, 10_000, 2, said.console)
    write(sink, "a")
    shutil.rmtree(path.parent)
    write(sink, "b", "c")
    sink.close()
    assert labels(path) == ["b", "c"]
    assert said.lines == []


def test_line_that_a_loss_of_power_cut_is_left_out(tmp_path: Path, said: Said) -> None:
    path = tmp_path / "a.jsonl"
    for rest in ("", json_line(answer("a"))):
        path.write_text(rest + json_line(answer("cut"))[:40])
        sink = LogSink(path, 10_000, 2, said.console)
        write(sink, "b")
        sink.close()
        assert labels(path) == (["a"] if rest else []) + ["b"]


def test_zeros_in_the_place_of_what_was_written_are_cut_off(tmp_path: Path, said: Said) -> None:
    """Some disks keep a file's length through a loss of power, and not its bytes."""
    path = tmp_path / "a.jsonl"
    for rest in ("", json_line(answer("a")), json_line(answer("a")) + json_line(answer("cut"))[:40]):
        path.write_bytes(rest.encode() + bytes(3_000_000))
        sink = LogSink(path, 10_000, 2, said.console)
        write(sink, "b")
        sink.close()
        assert labels(path) == (["a"] if rest else []) + ["b"]


def test_a_rotation_that_was_ended_halfway_costs_no_file(tmp_path: Path, said: Said) -> None:
    path = tmp_path / "a.jsonl"
    for index, label in enumerate("dcb"):
        Path(f"{path}.{index + 1}").write_text(json_line(answer(label)))
    path.write_text(json_line(answer("e")))
    Path(f"{path}.1").rename(f"{path}.2")  # which took the place of c, as .3 took that of b before
    Path(f"{path}.3").write_text(json_line(answer("c")))
    sink = LogSink(path, 10, 3, said.console)
    write(sink, "f")
    assert [labels(Path(f"{path}{end}")) for end in ("", ".1", ".2", ".3")] == [["f"], ["e"], ["d"], ["c"]]
    write(sink, "g")
    sink.close()
    assert [labels(Path(f"{path}{end}")) for end in ("", ".1", ".2", ".3")] == [["g"], ["f"], ["e"], ["d"]]


def test_several_runs_may_write_to_one_file_and_none_loses_a_line(tmp_path: Path) -> None:
    """Each process writes 150 numbered lines; a file holds a few."""
    pytest.importorskip("fcntl")
    path = tmp_path / "a.jsonl"
    runs = [
        subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-c", WRITER, str(path), name], stderr=subprocess.PIPE, text=True
        )
        for name in "abc"
    ]
    warnings = [run.communicate(timeout=60)[1] for run in runs]
    lines = [json.loads(line) for file in tmp_path.iterdir() for line in file.read_text().splitlines()]
    assert warnings == ["", "", ""]
    assert sorted((line["source"], line["frame"]) for line in lines) == [(n, i) for n in "abc" for i in range(150)]
    assert max(file.stat().st_size for file in tmp_path.iterdir()) <= 2000


def test_lock_that_another_program_holds_is_an_outage_and_no_wait(tmp_path: Path, said: Said) -> None:
    fcntl = pytest.importorskip("fcntl")
    path = tmp_path / "a.jsonl"
    sink = LogSink(path, 10_000, 2, said.console, pause=0.05)
    with path.open() as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        write(sink, "a", "b")
        time.sleep(0.1)
        write(sink, "c")
    time.sleep(0.1)
    write(sink, "d")
    sink.close()
    assert labels(path) == ["d"]
    assert said.lines == [
        f"warning: --log: expected to write {path}, received a lock that another program holds; tried again every "
        "0.05 s, the rest goes on",
        f"--log: {path} is written again, 3 lost until now",
    ]


WRITER = """
import sys
from pathlib import Path
import numpy as np
from edgeproof.edge.answer import Answer
from edgeproof.edge.classifier import Latency, Prediction
from edgeproof.edge.console import Console
from edgeproof.edge.sinks import lock
from edgeproof.edge.sinks.log import LogSink
from edgeproof.edge.sources import Frame

lock._PATIENCE = 60.0  # three that do nothing but write wait longer than runs do
sink = LogSink(Path(sys.argv[1]), 2000, 500, Console(), pause=0.01)
said = Prediction("a", 0.5, np.zeros(1, np.float32), {"a": 0.5}, Latency(1.0, 1.0, 2.0))
for index in range(150):
    sink.write(Answer.plain(Frame(np.zeros(1), sys.argv[2], index, 0.0), said))
sink.close()
"""


def test_file_that_is_moved_away_while_it_is_rotated_is_no_outage(
    tmp_path: Path, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As another run does it where there are no locks."""
    path = tmp_path / "a.jsonl"
    sink = LogSink(path, 10, 1, said.console)
    write(sink, "a")
    real = Path.replace

    def beaten(self: Path, to: Path) -> Path:
        real(self, tmp_path / "theirs")
        return real(self, to)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", beaten)
        write(sink, "b")
    write(sink, "c")
    sink.close()
    assert (labels(tmp_path / "theirs"), labels(tmp_path / "a.jsonl.1"), labels(path)) == (["a"], ["b"], ["c"])
    assert said.lines == []


@pytest.mark.skipif(sys.platform != "linux", reason="has other devices")
def test_device_is_refused_by_its_name(said: Said) -> None:
    with pytest.raises(InputError, match="expected a file for --log, received a device or a pipe: /dev/null; --json"):
        LogSink(Path("/dev/null"), 10_000, 2, said.console)


@pytest.mark.parametrize("content", [b"words\n", b'{"accuracy": 1}', b"\xff\xd8\xff\xe0"])
def test_file_of_something_else_is_refused_and_left(tmp_path: Path, said: Said, content: bytes) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    with pytest.raises(InputError, match="expected a log of edgeproof for --log, received a file of something else"):
        LogSink(path, 10_000, 2, said.console)
    assert path.read_bytes() == content


def test_disk_that_fills_up_leaves_whole_lines_and_is_tried_again(
    tmp_path: Path, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk takes a part of a line, then nothing; and then there is room."""
    path = tmp_path / "a.jsonl"
    room = [LINE + 50]
    real = os.write

    def some(handle: int, data: bytes) -> int:
        part = data[: room[0]]
        if not part:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        room[0] -= len(part)
        return real(handle, part)

    monkeypatch.setattr(log.os, "write", some)
    sink = LogSink(path, 10_000, 2, said.console, pause=0)
    write(sink, *"abc")
    assert labels(path) == ["a"]
    assert said.lines == [
        f"warning: --log: expected to write {path}, received No space left on device; tried again every 0 s, "
        "the rest goes on"
    ]
    room[0] = 10_000
    write(sink, *"de")
    sink.close()
    assert labels(path) == ["a", "d", "e"]
    assert said.lines[1:] == [f"--log: {path} is written again, 2 lost until now"]


def test_nothing_is_tried_while_it_pauses(tmp_path: Path, said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []

    def none(handle: int, _: bytes) -> int:
        tries.append(handle)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    sink = LogSink(tmp_path / "a.jsonl", 10_000, 2, said.console)
    monkeypatch.setattr(log.os, "write", none)
    write(sink, *"abc")
    sink.close()
    assert len(tries) == 1
    assert len(said.lines) == 1
    assert "tried again every 30 s" in said.lines[0]


def test_full_disk_has_whole_lines_and_goes_on_once_there_is_room(small_disk: Path, said: Said) -> None:
    path = small_disk / "a.jsonl"
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(200_000))
    sink = LogSink(path, 10_000_000, 2, said.console, pause=0)
    write(sink, *["a"] * 400)
    before = len(labels(path))
    assert 0 < before < 400
    assert len(said.warnings) == 1
    ballast.unlink()
    write(sink, *"bc")
    sink.close()
    assert labels(path)[before:] == ["b", "c"]
    assert said.lines[1:] == [f"--log: {path} is written again, {400 - before} lost until now"]
