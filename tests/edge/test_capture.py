from __future__ import annotations

import errno
import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from command import Command
from edgeproof.edge import newest
from edgeproof.edge.commands.flags import source
from edgeproof.edge.errors import InputError
from edgeproof.edge.folders import class_folders
from edgeproof.edge.preprocess import Pixels
from edgeproof.edge.sources import Frame, Spare


class Camera:
    """A camera whose frames come as soon as they are asked for, and that then ends, is stopped or breaks."""

    live = True

    def __init__(self, image: Pixels, frames: Iterator[object]) -> None:
        self._image, self._frames, self.closed = image, frames, False

    def read(self, spare: Spare = None) -> Frame | None:  # noqa: ARG002 - the interface's
        index = next(self._frames, None)
        if isinstance(index, BaseException):
            raise index
        return None if index is None else Frame(self._image, "camera", 0, 0.0)

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the command slept through, in seconds; time goes on at once."""
    times: list[float] = []
    monkeypatch.setattr("edgeproof.edge.commands.capture.time.sleep", times.append)
    monkeypatch.setattr("edgeproof.edge.commands.capture.time.monotonic", lambda: sum(times))
    return times


def opened(monkeypatch: pytest.MonkeyPatch, camera: Camera) -> None:
    """Have the command open this camera, which has all the time that it needs to be closed."""
    monkeypatch.setattr(newest, "_PATIENCE", 60.0)
    monkeypatch.setattr(source, "open_frames", lambda *_: camera)


def test_labels_are_taken_in_turn(edgeproof: Command, tmp_path: Path) -> None:
    out = tmp_path / "data"
    words = ("capture", "rock", "paper", "--source", "hands:6", "--count", "3", "--out", out)
    assert edgeproof(*words) == 0
    assert {label: len(paths) for label, paths in class_folders(out).items()} == {"paper": 3, "rock": 3}
    assert edgeproof.out.splitlines()[2:] == ["rock     3       3", "paper    3       3"]
    assert edgeproof.err == f"next: edgeproof train rps --data {out} --out RUN\n"


def test_second_session_adds_to_the_first(edgeproof: Command, tmp_path: Path) -> None:
    words = ("capture", "rock", "--source", "hands:2", "--count", "2", "--out", tmp_path, "--quiet")
    assert [edgeproof(*words), edgeproof(*words)] == [0, 0]
    assert edgeproof.out.splitlines()[2:] == ["rock     2       4"]
    assert edgeproof.err == ""


def test_source_that_ends_before_is_said(edgeproof: Command, tmp_path: Path) -> None:
    words = ("capture", "rock", "paper", "--source", "hands:4", "--count", "3", "--out", tmp_path)
    assert edgeproof(*words) == 1
    assert "warning: the source ended: 1 of 3 pictures of paper were taken" in edgeproof.err
    assert edgeproof.out.splitlines()[2:] == ["rock     3       3", "paper    1       1"]


def test_person_has_time_before_each_label_and_between_pictures(
    edgeproof: Command, tmp_path: Path, chart: Pixels, slept: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(monkeypatch, Camera(chart, itertools.count()))
    words = ("--count", "3", "--countdown", "2", "--interval", "0.5", "--out", tmp_path)
    assert edgeproof("capture", "rock", "paper", *words) == 0
    assert slept == [1.0, 1.0, 0.5, 0.5] * 2
    said = [line for line in edgeproof.err.splitlines() if line.endswith("…")]
    assert said == ["rock in 2 …", "rock in 1 …", "paper in 2 …", "paper in 1 …"]


@pytest.mark.usefixtures("slept")
def test_person_who_stops_keeps_what_was_taken(
    edgeproof: Command, tmp_path: Path, chart: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    camera = Camera(chart, iter([0, 1, KeyboardInterrupt()]))
    camera.live = False  # so that it is this thread that is stopped
    opened(monkeypatch, camera)
    assert edgeproof("capture", "rock", "paper", "--out", tmp_path) == 0
    assert edgeproof.out.splitlines()[2:] == ["rock     2       2", "paper    0       0"]
    assert camera.closed


@pytest.mark.usefixtures("slept")
def test_camera_that_breaks_is_one_line(
    edgeproof: Command, tmp_path: Path, chart: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    camera = Camera(chart, iter([0, InputError("expected the next frame, received none")]))
    opened(monkeypatch, camera)
    assert edgeproof("capture", "rock", "--out", tmp_path, "--quiet") == 2
    assert edgeproof.err == "error: expected the next frame, received none\n"
    assert edgeproof.out.splitlines()[2:] == ["rock     1       1"]
    assert camera.closed


@pytest.mark.usefixtures("slept")
def test_full_disk_is_one_line_after_what_was_taken(
    edgeproof: Command, tmp_path: Path, chart: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Path.write_bytes

    def full(path: Path, data: bytes) -> int:
        if len(list(tmp_path.glob("*/[!.]*.jpg"))) == 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    opened(monkeypatch, Camera(chart, itertools.count()))
    assert edgeproof("capture", "rock", "paper", "--out", tmp_path, "--quiet") == 2
    assert edgeproof.err.startswith("error: expected room for a picture, received No space left on device")
    assert edgeproof.out.splitlines()[2:] == ["rock     2       2", "paper    0       0"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "the following arguments are required: LABEL"),
        (["../up"], "expected a label that can be a folder's name"),
        (["rock", "unknown"], "expected no class folder called 'unknown'"),
        (["rock", "--source", "none.mp4"], "received 'none.mp4'"),
        (["rock", "--count", "0"], "expected a whole number above 0, received 0"),
        (["rock", "--interval", "-1"], "expected seconds from 0 to 3600"),
        (["rock", "--source", "hands:1", "--out", "file/x"], "expected a folder that can be written to"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(
    edgeproof: Command, words: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    assert message in edgeproof.error("capture", *words)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
