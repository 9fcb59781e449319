"""RTSP, through a real server on loopback and OpenCV's own FFmpeg."""

from __future__ import annotations

import os
import time

import cv2
import numpy as np
import pytest

from edgeproof.edge.errors import InputError
from edgeproof.edge.sources import SourceOptions, stream
from frames import Words, is_chart, jpeg, read
from loopback import closed_port
from rtsp_server import RtspServer

OPTIONS = "OPENCV_FFMPEG_CAPTURE_OPTIONS"
SILENCE = 2000  # milliseconds of patience with a silent server, which is at work within a few


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """FFmpeg is told its patience once, and it counts for the first frame too."""
    settings = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, 60_000, cv2.CAP_PROP_READ_TIMEOUT_MSEC, SILENCE]
    monkeypatch.setattr(stream, "TIMEOUT", SILENCE / 1e3)
    monkeypatch.setattr(stream, "_TIMEOUTS", settings)


def test_stream_gives_its_frames_in_bgr(picture: bytes, words: Words, capfd: pytest.CaptureFixture[str]) -> None:
    with RtspServer([picture]) as server:
        source = words.open(f"rtsp://root:hunter2@{server.host}/live?t0ken")
        assert source.live
        before = time.monotonic()
        frames = read(source, 6)
        after = time.monotonic()
        source.close()
    assert [frame.index for frame in frames] == list(range(6))
    assert all(is_chart(frame.image) for frame in frames)
    assert {frame.source for frame in frames} == {f"rtsp://{server.host}/live?…"}
    assert all(before <= frame.captured <= after for frame in frames[1:])
    assert words.lines == []
    assert capfd.readouterr() == ("", "")


def test_frames_are_written_into_the_spare_image(picture: bytes, words: Words) -> None:
    with RtspServer([picture]) as server:
        source = words.open(f"rtsp://{server.host}/live")
        first, _ = read(source, 2)
        third = source.read(first.image)
        source.close()
    assert third is not None
    assert third.image is first.image


def test_frame_that_cannot_be_decoded_is_left_out_and_told(picture: bytes, words: Words) -> None:
    scan = picture.index(b"\xff\xda") + 14
    damaged = picture[:scan] + b"\xff\xc0\x00\x02" + bytes(30) + picture[-2:]  # a second header, of no size
    with RtspServer([picture] * 5 + [damaged] * 2 + [picture] * 5, then="end") as server:
        source = words.open(f"rtsp://{server.host}/live")
        read(source, 9)  # the last one waits in FFmpeg for another
        with pytest.raises(InputError, match="the stream ended or went silent"):
            source.read()
        source.close()
    assert words.lines == [
        f"warning: rtsp://{server.host}/live: a damaged frame was left out; more are counted, and told at the end",
        f"warning: rtsp://{server.host}/live: 2 damaged frames were left out",
    ]


def test_server_that_hangs_up_is_an_error(picture: bytes, words: Words, capfd: pytest.CaptureFixture[str]) -> None:
    with RtspServer([picture] * 10, then="end") as server:
        source = words.open(f"rtsp://root:hunter2@{server.host}/live")
        with pytest.raises(InputError, match=r"expected the next frame .*: the stream ended or went silent") as caught:
            read(source, 99)
        source.close()
    assert "hunter2" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


@pytest.mark.usefixtures("impatient")
def test_server_that_goes_silent_is_an_error(picture: bytes, words: Words, capfd: pytest.CaptureFixture[str]) -> None:
    with RtspServer([picture] * 10, then="silence") as server:
        source = words.open(f"rtsp://{server.host}/live")
        with pytest.raises(InputError, match=r"expected the next frame within 2 s, received none from rtsp://"):
            read(source, 99)
        source.close()
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("status", "message"),
    [
        ("401 Unauthorized", "expected the right name and password for rtsp://.*, received 401 Unauthorized; write rt"),
        ("404 Not Found", "expected a stream at rtsp://.*, received 404 Not Found; the camera's manual names its addr"),
        ("503 Busy", "expected video that OpenCV can decode, received none from rtsp://.*; check the address, name an"),
    ],
)
def test_refusal_of_the_server_is_one_clear_line(
    picture: bytes, words: Words, status: str, message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with RtspServer([picture], status=status) as server, pytest.raises(InputError, match=message) as caught:
        words.open(f"rtsp://root:hunter2@{server.host}/live?t0ken")
    assert "hunter2" not in str(caught.value)
    assert "t0ken" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("status", "message"),
    [
        ("404 Not Found", "expected a stream at rtsp://.*, received 404 Not Found; the camera's manual names its addr"),
        ("503 Busy", "expected video that OpenCV can decode, received none from rtsp://.*; check the address, name an"),
    ],
)
def test_refusal_of_a_server_that_knows_the_password_is_not_about_the_password(
    picture: bytes, words: Words, status: str, message: str
) -> None:
    with RtspServer([picture], status=status, password="root:hunter2") as server:  # noqa: SIM117, S106
        with pytest.raises(InputError, match=message) as caught:
            words.open(f"rtsp://root:hunter2@{server.host}/live")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("user", "scheme", "message"),
    [
        (
            "root:hunter3@",
            "Basic",
            "expected the right name and password for rtsp://.*, received 401 Unauthorized; wri",
        ),
        ("", "Basic", "expected a name and password for rtsp://.*, received 401 Unauthorized; write rtsp://NAME:PASSW"),
        ("", "Digest", "expected a name and password for rtsp://.*, received 401 Unauthorized; write rtsp://NAME:PASS"),
        # Whether this one is right only FFmpeg could say.
        ("root:hunter3@", "Digest", "expected video that OpenCV can decode, received none from .*name and password, a"),
    ],
)
def test_password_is_called_wrong_where_it_is_known_to_be(
    picture: bytes, words: Words, user: str, scheme: str, message: str
) -> None:
    with RtspServer([picture], password="root:hunter2", scheme=scheme) as server:  # noqa: SIM117, S106
        with pytest.raises(InputError, match=message) as caught:
            words.open(f"rtsp://{user}{server.host}/live")
    assert "hunter" not in str(caught.value)


def test_server_that_is_not_there_is_one_clear_line(words: Words, capfd: pytest.CaptureFixture[str]) -> None:
    refused = "expected an answer from rtsp://127.0.0.1:[0-9]+/x, received Connection refused; che"
    with closed_port() as port, pytest.raises(InputError, match=refused):
        words.open(f"rtsp://root:hunter2@127.0.0.1:{port}/x")
    assert capfd.readouterr() == ("", "")


def test_options_of_a_person_are_left_alone(picture: bytes, words: Words, monkeypatch: pytest.MonkeyPatch) -> None:
    used: list[str | None] = []
    real = cv2.VideoCapture

    def capture(*arguments: object) -> cv2.VideoCapture:
        used.append(os.environ.get(OPTIONS))
        return real(*arguments)  # type: ignore[call-overload,no-any-return]

    monkeypatch.setattr(cv2, "VideoCapture", capture)
    monkeypatch.delenv(OPTIONS, raising=False)
    with RtspServer([picture]) as server:
        words.open(f"rtsp://{server.host}/live").close()
        assert OPTIONS not in os.environ
        monkeypatch.setenv(OPTIONS, "rtsp_transport;tcp|stimeout;1")
        words.open(f"rtsp://{server.host}/live").close()
    assert used == ["rtsp_transport;tcp|fflags;nobuffer|fpsprobesize;0", "rtsp_transport;tcp|stimeout;1"]
    assert os.environ[OPTIONS] == "rtsp_transport;tcp|stimeout;1"


def test_size_is_not_asked_of_a_stream(words: Words) -> None:
    with pytest.raises(InputError, match=r"expected --rate with a camera that can .*, received rtsp://cam/x; leave it"):
        words.open("rtsp://root:hunter2@cam/x", SourceOptions(rate=5.0))


def test_frame_of_noise_comes_through_whole(words: Words) -> None:
    """A picture of many packets, beside OpenCV's own decoding of the JPEG."""
    image = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 255, (240, 320, 3), np.uint8), (0, 0), 3)
    data = jpeg(image)
    with RtspServer([data]) as server:
        source = words.open(f"rtsp://{server.host}/live")
        (frame,) = read(source, 1)
        source.close()
    difference = np.abs(frame.image.astype(int) - cv2.imdecode(np.frombuffer(data, np.uint8), 1).astype(int))
    assert difference.mean() < 3
