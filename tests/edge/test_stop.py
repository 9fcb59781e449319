"""How a run ends, in a process of its own: by a signal, while it waits for a frame as well as while it answers."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
import pytest

from http_camera import SILENCE, HttpCamera, stream

PATIENCE = 120  # seconds; only a test that fails waits so long


def started(models: Path, source: str, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "edgeproof.edge", "run", str(models / "rps-int8.tflite"), source, "--json", *words]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, preexec_fn=_hear)  # noqa: S603 - ourselves


def _hear() -> None:
    # A shell's jobs in the background ignore SIGINT, and so would what the tests start, were they one.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def rest_of(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Give what it says until it ends; `communicate` would lose what was read ahead of the lines so far."""
    assert process.stdout is not None
    assert process.stderr is not None
    hangs = threading.Timer(PATIENCE, process.kill)
    hangs.start()
    try:
        return process.stdout.read(), process.stderr.read()
    finally:
        hangs.cancel()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_a_run_with_whole_lines_and_its_summary(models: Path, number: signal.Signals) -> None:
    with started(models, "hands:1000000") as process:
        assert process.stdout is not None
        first = [process.stdout.readline() for _ in range(3)]
        process.send_signal(number)
        rest, said = rest_of(process)
    assert process.returncode == 0
    answers = [json.loads(line) for line in (*first, *rest.splitlines())]
    assert [answer["frame"] for answer in answers] == list(range(len(answers)))
    assert f": {len(answers)} frame(s) in " in said.splitlines()[-1]
    assert "Traceback" not in said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_a_run_that_waits_for_a_camera(models: Path, number: signal.Signals) -> None:
    picture = cv2.imencode(".jpg", np.full((48, 64, 3), 90, np.uint8))[1].tobytes()
    with HttpCamera(stream([picture], then=SILENCE)) as camera, started(models, camera.url) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["frame"] == 0
        process.send_signal(number)
        _, said = rest_of(process)
    assert process.returncode == 0
    assert ": 1 frame(s) in " in said.splitlines()[-1]


def test_second_signal_while_outputs_close_changes_nothing(models: Path, tmp_path: Path) -> None:
    clip = tmp_path / "a.mp4"
    with started(models, "hands:1000000", "--save", str(clip)) as process:
        assert process.stdout is not None
        for _ in range(3):
            process.stdout.readline()
        process.send_signal(signal.SIGINT)
        said = ""
        while not said and process.poll() is None:  # a signal now and then, until it has ended
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                _, said = process.communicate(timeout=0.02)
        said = said or process.communicate(timeout=PATIENCE)[1]
    assert process.returncode == 0, said
    assert "frame(s) in " in said.splitlines()[-1]
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]
