"""Cameras that give a picture for each request, and videos, through a real server on loopback."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from edgeproof.edge.errors import InputError
from edgeproof.edge.sources import SourceOptions
from frames import Words, frames_of, is_chart, read
from http_camera import SILENCE, HttpCamera, reply, stream

QUICK = SourceOptions(rate=100.0)


def test_snapshot_is_asked_for_again_and_again(picture: bytes, words: Words) -> None:
    with HttpCamera(reply("image/jpeg", picture)) as camera:
        source = words.open(camera.url, QUICK)
        assert source.live
        frames = read(source, 4)
        source.close()
    assert all(is_chart(frame.image) and frame.source == camera.url for frame in frames)
    assert [frame.index for frame in frames] == [0, 1, 2, 3]
    assert len(camera.requests) == 5  # and one to find out what it is


def test_snapshots_are_asked_for_at_the_rate(picture: bytes, words: Words, monkeypatch: pytest.MonkeyPatch) -> None:
    now, slept = [100.0], []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    with HttpCamera(
        reply("image/png", cv2.imencode(".png", cv2.imdecode(np.frombuffer(picture, np.uint8), 1))[1].tobytes())
    ) as camera:
        monkeypatch.setattr("edgeproof.edge.sources.snapshot.time.monotonic", lambda: now[0])
        monkeypatch.setattr("edgeproof.edge.sources.snapshot.time.sleep", sleep)
        source = words.open(camera.url, SourceOptions(rate=4.0))
        taken = [frame.captured for frame in read(source, 4)]
        monkeypatch.undo()
    assert taken == [100.0, 100.25, 100.5, 100.75]
    assert slept == [0.0, 0.25, 0.25, 0.25]


def test_damaged_snapshots_are_left_out(picture: bytes, words: Words) -> None:
    good, bad = reply("image/jpeg", picture), reply("image/jpeg", b"no picture")
    short = reply("image/jpeg", picture[: len(picture) // 2])
    with HttpCamera(good, good, bad, short, good) as camera:
        source = words.open(camera.url, QUICK)
        assert [frame.index for frame in read(source, 2)] == [0, 3]
        source.close()
    assert words.lines[-1] == f"warning: {camera.url}: 2 damaged frames were left out"


def test_snapshots_that_end_are_an_error(picture: bytes, words: Words) -> None:
    with HttpCamera(reply("image/jpeg", picture)) as camera:
        source = words.open(camera.url, QUICK)
        source.read()
    with pytest.raises(InputError, match=r"expected an answer from http://.*, received Connection refused"):
        source.read()


def test_video_by_http_gives_each_of_its_frames_in_bgr(clip: Path, words: Words) -> None:
    with HttpCamera(reply("video/x-msvideo", clip.read_bytes())) as camera:
        source = words.open(f"http://root:hunter2@{camera.host}/clip.avi")
        assert not source.live
        frames = frames_of(source)
    assert [frame.index for frame in frames] == list(range(6))
    assert all(is_chart(frame.image) for frame in frames)
    assert {frame.source for frame in frames} == {f"http://{camera.host}/clip.avi"}


def test_what_is_no_video_is_refused_without_noise(words: Words, capfd: pytest.CaptureFixture[str]) -> None:
    with (
        HttpCamera(reply("application/octet-stream", bytes(5000))) as camera,
        pytest.raises(InputError, match="expected video that OpenCV can decode, received none from http://"),
    ):
        words.open(camera.url)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("kind", ["stream", "video"])
def test_rate_is_for_snapshots_alone(picture: bytes, clip: Path, words: Words, kind: str) -> None:
    script = stream([picture], then=SILENCE) if kind == "stream" else reply("video/x-msvideo", clip.read_bytes())
    with HttpCamera(script) as camera, pytest.raises(InputError, match="expected --rate with a camera that can be ask"):
        words.open(camera.url, QUICK)


def test_size_is_not_asked_of_a_server(words: Words) -> None:
    with pytest.raises(InputError, match=r"expected --camera-size with a camera that can .*, received http://cam/x"):
        words.open("http://root:hunter2@cam/x", SourceOptions(size=(640, 480)))
