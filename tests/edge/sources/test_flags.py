"""The options of `edgeproof run` that choose where frames come from, through the whole command."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from command import Command
from edgeproof.edge.answer import Answer
from edgeproof.edge.preprocess import Pixels
from edgeproof.edge.sinks.lines import TextLines
from frames import is_chart, jpeg
from http_camera import SILENCE, HttpCamera, stream
from rtsp_server import RtspServer

RUN = ("run", "rps-int8.tflite")


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[Pixels]:
    """The images that were answered."""
    images: list[Pixels] = []
    monkeypatch.setattr(TextLines, "write", lambda _, answer: images.append(_copy(answer)))
    return images


def _copy(answer: Answer) -> Pixels:
    image: Pixels = answer.frame.image.copy()  # type: ignore[assignment]
    return image


def test_region_turn_and_mirror_reach_the_frames(edgeproof: Command, seen: list[Pixels], tmp_path: Path) -> None:
    image = np.random.default_rng(0).integers(0, 255, (48, 64, 3), np.uint8)
    cv2.imwrite(str(tmp_path / "a.png"), image)
    assert edgeproof(*RUN, tmp_path / "a.png", "--roi", "8,4,20,30", "--rotate", "90", "--mirror") == 0
    (frame,) = seen
    assert np.array_equal(frame, np.rot90(image[4:34, 8:28], -1)[:, ::-1])


def test_pattern_is_a_source(edgeproof: Command, seen: list[Pixels], chart: Pixels, tmp_path: Path) -> None:
    for name in ("a.png", "b.png", "c.jpg"):
        cv2.imwrite(str(tmp_path / name), chart)
    assert edgeproof(*RUN, tmp_path / "*.png") == 0
    assert [is_chart(image) for image in seen] == [True, True]


def test_mjpeg_camera_is_a_source(edgeproof: Command, seen: list[Pixels], chart: Pixels) -> None:
    with HttpCamera(stream([jpeg(chart)] * 3, then=SILENCE)) as camera:
        assert edgeproof(*RUN, camera.url, "--frames", "1") == 0
    assert [is_chart(image) for image in seen] == [True]


def test_rtsp_camera_is_a_source(edgeproof: Command, seen: list[Pixels], chart: Pixels) -> None:
    with RtspServer([jpeg(chart)]) as server:
        assert edgeproof(*RUN, f"rtsp://{server.host}/live", "--frames", "3", "--roi", "0,0,64,40") == 0
    assert [is_chart(image) for image in seen] == [True] * 3


def test_password_of_an_address_is_nowhere_to_be_seen(edgeproof: Command, chart: Pixels) -> None:
    with HttpCamera(stream([jpeg(chart)], then=b"")) as camera:
        address = f"http://root:hunter2@{camera.host}/x?pwd=t0ken"
        assert edgeproof(*RUN, address, "--json", "--give-up", "0") == 2
    assert f"http://{camera.host}/x?…" in edgeproof.err
    for text in (edgeproof.out, edgeproof.err):
        assert "hunter2" not in text
        assert "t0ken" not in text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--roi", "1,2,3"], "argument --roi: expected X,Y,WIDTH,HEIGHT, 80,0,480,480 for example"),
        (["--roi", "0,0,0,5"], "argument --roi: expected X,Y,WIDTH,HEIGHT"),
        (["--roi=-1,0,5,5"], "argument --roi: expected X,Y,WIDTH,HEIGHT"),
        (["--roi", "0,0,9999,5"], "up to 8192 pixels, received 0,0,9999,5"),
        (["--roi", "0,0,5,9999"], "up to 8192 pixels, received 0,0,5,9999"),
        (["--roi", "0,0,641,480"], "inside of the frame of 640x480 pixels, received --roi 0,0,641,480"),
        (["--rotate", "45"], "argument --rotate: invalid choice"),
        (["--camera-size", "640"], "argument --camera-size: expected WIDTHxHEIGHT, 640x480 for example"),
        (["--camera-size", "0x480"], "argument --camera-size: expected WIDTHxHEIGHT"),
        (
            ["--camera-size", "640x480"],
            "expected --camera-size with a camera that can be asked for it, received",
        ),
        (["--rate", "0"], "argument --rate: expected frames a second from 0.5 to 1000, received 0"),
        (["--rate", "nan"], "argument --rate: expected frames a second"),
        (["--rate", "30"], "expected --rate with a camera that can be asked for it, received hands:2"),
        (["--pixel-format", "H264"], "argument --pixel-format: invalid choice"),
        (["--pixel-format", "YUYV"], "expected --pixel-format with a camera that can be asked for it"),
    ],
)
def test_bad_option_is_one_line(edgeproof: Command, words: list[str], message: str) -> None:
    assert message in edgeproof.error(*RUN, "hands:2", *words)


LOADED = """
import contextlib, sys
from edgeproof.edge.cli import main
with contextlib.suppress(SystemExit):
    main(sys.argv[1:])
print(*sorted({"cv2", "http.client", "ssl"} & set(sys.modules)))
"""


@pytest.mark.parametrize(
    ("words", "loaded"),
    [(["run", "--help"], ""), ([*RUN, "hands:1"], "cv2"), ([*RUN, "http://127.0.0.1:1/"], "cv2 http.client ssl")],
)
def test_what_a_source_needs_is_loaded_when_it_is_chosen(models: Path, words: list[str], loaded: str) -> None:
    arguments = [str(models / word) if word == RUN[1] else word for word in words]
    command = [sys.executable, "-c", LOADED, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own interpreter
    assert done.stdout.splitlines()[-1] == loaded, done.stderr
