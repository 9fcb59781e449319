from __future__ import annotations

import errno
import io
import os
import threading
import time
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
import pytest

from answers import answer
from console_lines import Said
from edgeproof.edge.atomic import write_bytes
from edgeproof.edge.console import Console
from edgeproof.edge.preprocess import Pixels
from edgeproof.edge.sinks import pictures
from edgeproof.edge.sinks.budget import kept_pictures, picture_name
from edgeproof.edge.sinks.pictures import PictureFolder
from kept_pictures import LARGE, end, files, put


def noise(seed: int = 0) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (120, 160, 3), np.uint8)


def test_picture_is_the_frame_as_it_was_taken_in_good_quality(tmp_path: Path, said: Said) -> None:
    image = np.zeros((120, 160, 3), np.uint8)
    image[:, :80, 2] = 255  # red on the left, in BGR
    image[:, 80:, 0] = 255
    folder = PictureFolder(tmp_path, LARGE, "--save-on", said.console)
    year = time.strftime("%Y", time.gmtime())
    put(folder, "rock", 0.75, image=image)
    put(folder, "rock", 0.5, foldered=True)
    folder.close()
    foldered, flat = sorted(tmp_path.rglob("*.jpg"), key=lambda path: path.parent == tmp_path)
    assert foldered.parent == tmp_path / "rock"
    assert flat.name.startswith((f"edgeproof-{year}", f"edgeproof-{time.strftime('%Y', time.gmtime())}"))
    assert flat.name.endswith("-rock-0.75.jpg")
    read = cv2.imread(str(flat))
    assert read is not None
    assert np.abs(read[:, :70].astype(int) - (0, 0, 255)).max() < 5
    assert np.abs(read[:, 90:].astype(int) - (255, 0, 0)).max() < 5
    assert said.lines == [f"--save-on: 2 picture(s) kept in {tmp_path}"]


def test_frame_is_copied_before_its_memory_is_used_again(
    tmp_path: Path, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()
    monkeypatch.setattr(pictures, "make_room", lambda *_: go.wait(20) * 0)
    image = np.full((48, 64, 3), 50, np.uint8)
    folder = PictureFolder(tmp_path, LARGE, "--save-on", said.console)
    folder.put(answer(image=image), "rock", 0.75)
    folder.put(answer(image=image), "rock", 0.5)
    image[:] = 200
    go.set()
    folder.close()
    read = [cv2.imread(str(path)) for path in tmp_path.iterdir()]
    assert [int(np.median(image)) for image in read if image is not None] == [50, 50]


def test_disk_that_is_slow_costs_pictures_and_no_time(
    tmp_path: Path, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go = threading.Event(), threading.Event()

    def slow(path: Path, data: bytes) -> None:
        begun.set()
        assert go.wait(60)
        path.write_bytes(data)

    monkeypatch.setattr(pictures, "write_bytes", slow)
    folder = PictureFolder(tmp_path, LARGE, "--save-on", said.console)
    folder.put(answer(), "rock", 0.0)
    assert begun.wait(20)
    for second in range(9):  # of these, two can wait
        folder.put(answer(captured=float(second)), "rock", second / 10)
    assert folder.dropped == 7
    go.set()
    folder.close()
    assert folder.kept == 3
    assert said.lines == [f"--save-on: 3 picture(s) kept in {tmp_path}, 7 dropped"]


def test_disk_that_hangs_does_not_hold_up_the_end(tmp_path: Path, said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go = threading.Event(), threading.Event()

    def hangs(*_: object) -> None:
        begun.set()
        assert go.wait(60)

    monkeypatch.setattr(pictures, "write_bytes", hangs)
    monkeypatch.setattr(pictures, "_PATIENCE", 0.05)
    folder = PictureFolder(tmp_path, LARGE, "--save-on", said.console)
    folder.put(answer(), "rock", 0.0)
    assert begun.wait(20)
    for _ in range(2):
        folder.put(answer(), "rock", 0.0)
    folder.close()
    assert said.lines == [f"--save-on: 0 picture(s) kept in {tmp_path}, 2 dropped"]
    go.set()
    end(folder)


def test_budget_is_never_exceeded_and_the_newest_are_kept(tmp_path: Path, said: Said) -> None:
    (tmp_path / "holiday.jpg").write_bytes(bytes(500_000))
    size = len(cv2.imencode(".jpg", noise(), (cv2.IMWRITE_JPEG_QUALITY, 95))[1])
    budget = size * 5
    folder = PictureFolder(tmp_path, budget, "--save-on", said.console)
    for index in range(12):
        put(folder, "rock" if index % 2 else "paper", index / 100, image=noise(index), foldered=index % 3 == 0)
        assert sum(picture.size for picture in kept_pictures(tmp_path)) <= budget
    folder.close()
    scores = [picture.path.stem[-4:] for picture in kept_pictures(tmp_path)]
    assert scores == [f"{index / 100:.2f}" for index in range(12 - len(scores), 12)]
    assert 3 <= len(scores) <= 5
    assert (tmp_path / "holiday.jpg").exists()


def test_budget_counts_what_an_earlier_run_left(tmp_path: Path, said: Said) -> None:
    (tmp_path / picture_name(1, "rock", 0.5)).write_bytes(bytes(90_000))
    folder = PictureFolder(tmp_path, 100_000, "--save-on", said.console)
    put(folder, "rock", 0.75, image=noise())
    folder.close()
    (name,) = files(tmp_path)
    assert name.endswith("-0.75.jpg")


def bytes_kept(root: Path) -> int:
    return sum(picture.size for picture in kept_pictures(root))


def test_runs_that_share_a_folder_share_its_budget(tmp_path: Path, said: Said) -> None:
    size = len(cv2.imencode(".jpg", noise(), (cv2.IMWRITE_JPEG_QUALITY, 95))[1])
    folders = [PictureFolder(tmp_path, 40 * size, "--save-on", said.console) for _ in range(2)]
    most = 0
    for index in range(60):
        for folder in folders:
            put(folder, "rock", 0.5, image=noise(index))
        most = max(most, bytes_kept(tmp_path))
    for folder in folders:
        folder.close()
    assert 30 * size < most < 51 * size  # each may have written ten that the other has not counted yet


def test_pictures_of_another_run_are_counted_after_a_while(
    tmp_path: Path, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "_RECOUNT", 1000)  # seconds, or the "while" could be over before its time
    folder = PictureFolder(tmp_path, 100_000, "--save-on", said.console)
    put(folder, "rock", 0.25)
    other = tmp_path / picture_name(1, "paper", 0.5)
    other.write_bytes(bytes(99_500))
    os.utime(other, (1_700_000_000, 1_700_000_000))
    put(folder, "rock", 0.5)
    assert bytes_kept(tmp_path) > 100_000
    real = time.monotonic
    monkeypatch.setattr("edgeproof.edge.sinks.pictures.time.monotonic", lambda: real() + 2000)
    put(folder, "rock", 0.75)
    folder.close()
    assert bytes_kept(tmp_path) < 100_000
    assert [name[-8:] for name in files(tmp_path)] == ["0.25.jpg", "0.50.jpg", "0.75.jpg"]


def test_newest_pictures_stay_though_the_clock_was_set_back(
    tmp_path: Path, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Pi has no clock of its own: until the network tells it the time, it may begin in 1970, at each start."""
    size = len(cv2.imencode(".jpg", noise(), (cv2.IMWRITE_JPEG_QUALITY, 95))[1])
    now = [1_800_000_000.0]
    monkeypatch.setattr("edgeproof.edge.sinks.pictures.time.time", lambda: now[0])

    def dated(path: Path, data: bytes) -> None:
        write_bytes(path, data)
        os.utime(path, (now[0], now[0]))  # as its disk would, by the same clock

    monkeypatch.setattr(pictures, "write_bytes", dated)
    for run, start in enumerate((1_800_000_000.0, 100.0, 50.0, 1_700_000_000.0)):
        folder = PictureFolder(tmp_path, 6 * size, "--save-on", said.console)
        now[0] = start
        for index in range(3 * run, 3 * run + 3):
            put(folder, "rock", index / 100, image=noise(index))
            now[0] += 1
        folder.close()
        scores = sorted(picture.path.stem[-4:] for picture in kept_pictures(tmp_path))
        assert scores == [f"{index / 100:.2f}" for index in range(3 * run + 3 - len(scores), 3 * run + 3)]
    assert 4 <= len(scores) <= 6


def test_picture_beyond_the_whole_budget_is_a_warning(tmp_path: Path, said: Said) -> None:
    older = picture_name(1, "rock", 0.5)
    (tmp_path / older).write_bytes(bytes(50))
    folder = PictureFolder(tmp_path, 100, "--save-on", said.console)
    put(folder, "rock", 0.75, image=noise())
    folder.close()
    assert files(tmp_path) == [older]
    (warning,) = said.warnings
    assert "more than the --disk-budget" in warning


def test_disk_that_is_full_is_one_warning_and_is_tried_again(
    tmp_path: Path, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, _: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    folder = PictureFolder(tmp_path, LARGE, "--save-unsure", said.console, pause=0)
    with monkeypatch.context() as patch:
        patch.setattr(pictures, "write_bytes", full)
        put(folder, "rock", 0.25)
        put(folder, "rock", 0.5)
    put(folder, "rock", 0.75)
    folder.close()
    warning, again, kept = said.lines
    assert warning.startswith(f"warning: --save-unsure: expected to write {tmp_path}{os.sep}edgeproof-")
    assert "-rock-0.25.jpg, received No space left on device; tried again every 0 s" in warning
    assert "-rock-0.75.jpg is written again, 2 lost until now" in again
    assert kept.endswith(", 2 dropped")


def test_frame_that_no_jpeg_can_have_is_one_warning_and_the_next_are_kept(tmp_path: Path, said: Said) -> None:
    folder = PictureFolder(tmp_path, LARGE, "--save-on", said.console)
    for score in (0.25, 0.3):
        put(folder, "rock", score, image=np.zeros((1, 70_000, 3), np.uint8))
    put(folder, "rock", 0.75)
    folder.close()
    assert [name[-8:] for name in files(tmp_path)] == ["0.75.jpg"]
    warning, count = said.lines
    assert warning.startswith(f"warning: --save-on: expected to write {tmp_path}{os.sep}edgeproof-")
    assert warning.endswith("-0.25.jpg, received a frame of 70000x1 pixels, which no JPEG can have; the rest goes on")
    assert count == f"--save-on: 1 picture(s) kept in {tmp_path}, 2 dropped"


class Unread(io.StringIO):
    """A stream whose reader has left."""

    def write(self, _: str) -> int:
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


def test_pictures_are_kept_where_nobody_reads_the_warnings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    folder = PictureFolder(tmp_path, LARGE, "--save-on", Console(stream=Unread()), pause=0)
    with monkeypatch.context() as patch:
        patch.setattr(pictures, "write_bytes", full)
        put(folder, "rock", 0.25)
    put(folder, "rock", 0.5, image=np.zeros((1, 70_000, 3), np.uint8))
    put(folder, "rock", 0.75)
    put(folder, "rock", 1.0)
    with suppress(BrokenPipeError):
        folder.close()
    assert [name[-8:] for name in files(tmp_path)] == ["0.75.jpg", "1.00.jpg"]
    assert folder.dropped == 2


def test_nothing_is_copied_while_it_pauses(tmp_path: Path, said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []

    def full(path: Path, _: bytes) -> None:
        tries.append(path)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(pictures, "write_bytes", full)
    folder = PictureFolder(tmp_path, LARGE, "--save-on", said.console)
    for _ in range(5):
        put(folder, "rock", 0.5)
    folder.close()
    assert len(tries) == 1
    assert folder.dropped == 5


def test_full_disk_leaves_whole_pictures_alone(small_disk: Path, said: Said) -> None:
    folder = PictureFolder(small_disk, LARGE, "--save-on", said.console, pause=0)
    for index in range(30):
        put(folder, "rock", index / 100, image=noise(index))
    assert 0 < folder.kept < 30
    assert len(said.warnings) == 1
    for path in list(small_disk.iterdir())[:3]:
        path.unlink()
    put(folder, "rock", 0.75)
    folder.close()
    assert len(files(small_disk)) == folder.kept - 3
    assert all(cv2.imread(str(small_disk / name)) is not None for name in files(small_disk))


def test_folder_that_went_away_is_made_again(tmp_path: Path, said: Said) -> None:
    folder = PictureFolder(tmp_path / "a", LARGE, "--save-on", said.console)
    put(folder, "rock", 0.25)
    for path in (tmp_path / "a").iterdir():
        path.unlink()
    (tmp_path / "a").rmdir()
    put(folder, "rock", 0.75)
    folder.close()
    assert len(files(tmp_path / "a")) == 1
