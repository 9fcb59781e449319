"""The whole way, in a process of its own, as a person starts it."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from answers import until
from command import Command
from http_camera import HttpCamera, reply
from swap_material import Kind, Material

PATIENCE = 240.0  # seconds; only a test that fails waits so long

needs_children = pytest.mark.skipif(
    not Path(f"/proc/self/task/{os.getpid()}/children").exists(), reason="needs Linux's list of a process's children"
)


# As `python -m edgeproof.edge`, with all the time for an answer that a busy machine may need.
PATIENT = """
import sys
from edgeproof.edge.updates import probation
probation.SHORTEST, probation._SILENCE, probation._WAY = 30.0, 60.0, 60_000.0
from edgeproof.edge.cli import main
sys.exit(main())
"""


class Running:
    """A run that is watched: what it says, and its answers."""

    def __init__(self, folder: Path, model: Path, watched: str) -> None:
        self._said, self._answers = folder / "said.txt", folder / "answers.jsonl"
        words = ["run", str(model), "hands:1000000", "--json", "--watch", watched, "--watch-every", "0.1"]
        # Generous: what is tested is what happens, not how fast a busy machine is.
        words += ["--shadow", "0.1", "--probation", "0.1", "--shadow-latency", "100"]
        with self._said.open("w") as said, self._answers.open("w") as answers:
            self.process = subprocess.Popen(  # noqa: S603 - ourselves
                [sys.executable, "-c", PATIENT, *words],
                stdout=answers,
                stderr=said,
                env=os.environ | {"STATE_DIRECTORY": str(folder / "state")},
            )

    def says(self, words: str) -> str:
        """Wait for a line."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            for line in self._said.read_text().splitlines():
                if words in line:
                    return line
            time.sleep(0.05)
        raise AssertionError(f"{words!r} was not said: {self._said.read_text()}")

    def answers(self) -> list[dict[str, Any]]:
        """Give its answers so far."""
        whole = self._answers.read_text().rpartition("\n")[0]  # the last one may be under way
        return [json.loads(line) for line in whole.splitlines()]

    def ended(self) -> list[dict[str, Any]]:
        """End it as a person would, and give its answers."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(PATIENCE) == 0, self._said.read_text()
        return self.answers()


def put(data: bytes, path: Path) -> None:
    """Put a file there as a whole: half of one could be found there on a busy machine, and told of."""
    hidden = path.with_name(f".{path.name}")
    hidden.write_bytes(data)
    hidden.replace(path)


@contextmanager
def running(folder: Path, model: Path, watched: str) -> Iterator[Running]:
    run = Running(folder, model, watched)
    try:
        yield run
    finally:
        run.process.kill()
        run.process.wait()


def test_new_file_answers_after_its_shadow_and_a_bad_one_never(models: Path, tmp_path: Path) -> None:
    watched = tmp_path / "watched"
    watched.mkdir()
    material = Material(models / "rps-int8.tflite", random.Random(1))  # noqa: S311 - repeatable
    with running(tmp_path, models / "rps-int8.tflite", str(watched)) as run:
        put(material.candidate(Kind.DAMAGED, 1).data, watched / "bad.tflite")
        assert "damaged; copy it again" in run.says("warning: update bad.tflite: refused: ")
        put((models / "rps-fp32.tflite").read_bytes(), watched / "new.tflite")
        run.says("update new.tflite: passed its probation of 0.1 s")
        assert ", agreement " in run.says("update new.tflite: shadowed 0.1 s, ")
        answers = run.ended()
    files = [answer["model"]["file"] for answer in answers]
    assert files == sorted(files, reverse=True)  # rps-int8.tflite, and from one frame on new.tflite
    assert set(files) == {"rps-int8.tflite", "new.tflite"}
    assert [answer["frame"] for answer in answers] == list(range(len(answers)))
    (state,) = (tmp_path / "state" / "updates").iterdir()
    assert not (state / "models").exists()
    assert json.loads((state / "updates.json").read_text())["probation"] is None


def test_file_of_an_address_is_taken_like_one_of_a_folder(models: Path, tmp_path: Path) -> None:
    data = (models / "rps-fp32.tflite").read_bytes()
    served = reply("application/octet-stream", data, "200 OK", 'ETag: "1"')
    with (
        HttpCamera(served, reply("", b"", "304 Not Modified")) as server,
        running(tmp_path, models / "rps-int8.tflite", f"http://{server.host}/new.tflite") as run,
    ):
        run.says("update new.tflite: passed its probation")
        run.ended()


def test_file_that_brought_a_run_down_is_not_taken_again(models: Path, tmp_path: Path) -> None:
    watched = tmp_path / "watched"
    watched.mkdir()
    shutil.copy(models / "rps-fp32.tflite", watched / "new.tflite")
    with running(tmp_path, models / "rps-int8.tflite", str(watched)) as run:
        run.says("update new.tflite: passed its probation")
        (state,) = (tmp_path / "state" / "updates").iterdir()
        record = json.loads((state / "updates.json").read_text())
        run.process.kill()
        run.process.wait()
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    digest = hashlib.sha256((watched / "new.tflite").read_bytes()).hexdigest()
    record["probation"] = {"sha256": digest, "name": "new.tflite", "boot": boot, "tries": 1}
    (state / "updates.json").write_text(json.dumps(record))
    with running(tmp_path, models / "rps-int8.tflite", str(watched)) as run:
        run.says("warning: update new.tflite: refused: the run ended while it was on probation")
        put((models / "rps-int8.onnx").read_bytes(), watched / "other.onnx")
        run.says("update other.onnx: passed its probation")
        answers = run.ended()
    assert {answer["model"]["file"] for answer in answers} == {"rps-int8.tflite", "other.onnx"}


@needs_children
def test_no_child_is_left_when_a_run_is_killed(models: Path, tmp_path: Path) -> None:
    watched = tmp_path / "watched"
    watched.mkdir()
    shutil.copy(models / "rps-fp32.tflite", watched / "new.tflite")
    with running(tmp_path, models / "rps-int8.tflite", str(watched)) as run:
        run.says("update new.tflite: passed its probation")
        child = child_of(run.process.pid)
        run.process.kill()
        run.process.wait()
    until(lambda: _state(child) == "Z", "the child has ended with its parent")


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--watch", "no/folder"], "expected a folder for --watch, received none: no/folder; make it"),
        (
            ["--watch", "http://models.example/a.tflite"],
            "expected https:// for --watch, received http://models.example",
        ),
        (["--watch", "https://"], "expected an address such as"),
        (["--watch", ".", "--shadow", "-1"], "expected seconds from 0 to 3600, received -1"),
        (["--watch", ".", "--shadow-agreement", "80"], "expected a number from 0 to 1, received 80"),
        (["--watch", ".", "--shadow-latency", "0"], "expected a number from 0.1 to 100, received 0"),
    ],
)
def test_bad_use_of_watch_is_one_line(edgeproof: Command, words: list[str], message: str) -> None:
    assert message in edgeproof.error("run", "rps-int8.tflite", "hands:1", *words)


def test_model_without_labels_cannot_be_watched(edgeproof: Command, tmp_path: Path) -> None:
    line = edgeproof.error("run", "hello-int8.tflite", "10", "--watch", tmp_path)
    assert "expected --watch with a model that has labels" in line


def test_answers_name_no_model_without_watch(edgeproof: Command) -> None:
    (answer,) = edgeproof.objects("run", "rps-int8.tflite", "hands:1", "--json", "--quiet")
    assert "model" not in answer


def test_service_may_read_what_is_watched_and_bound_its_children(
    edgeproof: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = tmp_path / "watched"
    watched.mkdir()
    monkeypatch.chdir(tmp_path)
    assert edgeproof("service", "install", "rps-int8.tflite", "--watch", "watched", "--print") == 0, edgeproof.err
    lines = edgeproof.out.splitlines()
    assert any(line.endswith(f"--watch {watched}") for line in lines if line.startswith("ExecStart="))
    assert f"BindReadOnlyPaths={watched}" in lines
    assert [line for line in lines if line.startswith("SystemCallFilter=")][-1].startswith("SystemCallFilter=nice ")
    assert "RestrictAddressFamilies=AF_UNIX" in lines
    assert edgeproof("service", "install", "rps-int8.tflite", "--watch", "https://x.example/a.tflite", "--print") == 0
    assert "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6" in edgeproof.out.splitlines()


def child_of(pid: int) -> int:
    """Give the only child of a process, whichever of its threads has started it."""
    children: list[str] = []
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread that has just ended
            children += (thread / "children").read_text().split()
    (child,) = children
    return int(child)


@needs_children
def test_model_whose_process_crashes_later_gives_way_to_the_first_without_a_frame_lost(
    models: Path, tmp_path: Path
) -> None:
    watched = tmp_path / "watched"
    watched.mkdir()
    shutil.copy(models / "rps-fp32.tflite", watched / "new.tflite")
    with running(tmp_path, models / "rps-int8.tflite", str(watched)) as run:
        run.says("update new.tflite: passed its probation")
        os.kill(child_of(run.process.pid), signal.SIGSEGV)
        line = run.says("warning: update new.tflite: given up for rps-int8.tflite: ")
        assert line.endswith("received one whose process crashed (SIGSEGV)")
        until(lambda: run.answers()[-1]["model"]["file"] == "rps-int8.tflite", "the first one answers again")
        answers = run.ended()
    assert [answer["frame"] for answer in answers] == list(range(len(answers)))
    assert answers[-1]["model"]["file"] == "rps-int8.tflite"
    (state,) = (tmp_path / "state" / "updates").iterdir()
    assert [each["name"] for each in json.loads((state / "updates.json").read_text())["refused"]] == ["new.tflite"]
