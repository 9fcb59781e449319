"""Cameras that speak HTTP, through a real server on loopback."""

from __future__ import annotations

import email
from types import SimpleNamespace

import numpy as np
import pytest

from edgeproof.edge.errors import InputError
from edgeproof.edge.preprocess import Pixels
from edgeproof.edge.sources import http, mjpeg
from edgeproof.edge.sources.address import Address
from edgeproof.edge.sources.http import Reply
from edgeproof.edge.sources.mjpeg import MjpegSource
from frames import Words, frames_of, is_chart, jpeg, read
from http_camera import SILENCE, HttpCamera, Script, framed, guarded, reply, stream
from loopback import closed_port

END = b"--frame--\r\n"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A silent server is given up after half a second."""
    monkeypatch.setattr(http, "TIMEOUT", 0.5)
    monkeypatch.setattr(mjpeg, "TIMEOUT", 0.5)


@pytest.fixture(autouse=True)
def slow_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Less than a frame comes in at once, so that none is passed over."""
    monkeypatch.setattr(mjpeg, "_READ", 64)
    monkeypatch.setattr(mjpeg, "_MOST_WAITING", 0)


@pytest.mark.parametrize("chunked", [False, True], ids=["plain", "chunked"])
@pytest.mark.parametrize("lengths", [True, False], ids=["lengths", "boundaries"])
def test_stream_gives_each_of_its_frames_in_bgr(picture: bytes, words: Words, lengths: bool, chunked: bool) -> None:
    with HttpCamera(stream([picture] * 5, lengths=lengths, chunked=chunked, then=END)) as camera:
        source = words.open(camera.url)
        assert source.live
        frames = frames_of(source)
    assert [frame.index for frame in frames] == [0, 1, 2, 3, 4]
    assert all(is_chart(frame.image) and frame.source == camera.url for frame in frames)
    assert camera.requests[0].startswith("GET /stream HTTP/1.1\r\n")
    assert words.lines == []


def test_frame_is_written_into_the_memory_of_an_earlier_one(picture: bytes, words: Words) -> None:
    with HttpCamera(stream([picture] * 3, then=SILENCE)) as camera:
        source = words.open(camera.url)
        first = source.read()
        assert first is not None
        first.image[:] = 0
        second = source.read(first.image)
        source.close()
    assert second is not None
    assert second.image is first.image
    assert is_chart(second.image)


@pytest.mark.parametrize(
    ("declared", "sent"), [('"my frame"', "my frame"), ("--frame", "frame"), ('"--frame"', "--frame")]
)
def test_boundary_may_be_quoted_or_have_its_dashes(picture: bytes, words: Words, declared: str, sent: str) -> None:
    with HttpCamera(stream([picture] * 3, sent, declared=declared, then=SILENCE)) as camera:
        source = words.open(camera.url)
        assert all(is_chart(frame.image) for frame in read(source, 3))
        source.close()


def test_damaged_jpeg_is_left_out_and_counted_with_one_warning(picture: bytes, words: Words) -> None:
    damaged = [picture[: len(picture) // 2], b"", b"no picture", picture[:2] + bytes(200) + picture[-2:]]
    with HttpCamera(stream([picture, *damaged, picture, picture], then=END)) as camera:
        frames = frames_of(words.open(camera.url))
    assert [frame.index for frame in frames] == [0, 5, 6]
    assert all(is_chart(frame.image) for frame in frames)
    first, count = words.lines
    assert first == f"warning: {camera.url}: a damaged frame was left out; more are counted, and told at the end"
    assert count == f"warning: {camera.url}: 4 damaged frames were left out"


def grays(chart: Pixels) -> list[bytes]:
    """The chart nine times; in frame i, the lower half is of gray value 20 × i."""
    images = [chart.copy() for _ in range(9)]
    for index, image in enumerate(images):
        image[24:] = 20 * index
    return [framed(jpeg(image)) for image in images]


def arriving(*pieces: bytes, words: Words) -> MjpegSource:
    """A stream of which the pieces come in one after the other."""
    left = list(pieces)
    headers = email.message_from_string("Content-Type: multipart/x-mixed-replace; boundary=frame")
    response = SimpleNamespace(headers=headers, read1=lambda _: left.pop(0), close=lambda: None)
    return MjpegSource(Address.parse("http://cam"), Reply(response, response), words.console)  # type: ignore[arg-type]


def gray_of(source: MjpegSource) -> float:
    frame = source.read()
    assert frame is not None
    assert frame.index == round(float(np.median(frame.image[30:])) / 20)
    return frame.index


def test_frames_that_wait_are_passed_over_for_the_newest(chart: Pixels, words: Words) -> None:
    """They came at once, as after a long answer."""
    source = arriving(b"".join(grays(chart)) + END, words=words)
    assert gray_of(source) == 8
    assert source.read() is None


def test_frames_that_wait_in_the_kernel_are_passed_over(
    chart: Pixels, words: Words, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As much as can be read at once came, so that there is more behind it."""
    first, *others = grays(chart)
    data = b"".join(others)
    monkeypatch.setattr(mjpeg, "_READ", len(data) // 2)
    monkeypatch.setattr(mjpeg, "_MOST_WAITING", len(data) * 2)
    source = arriving(first, data[: len(data) // 2], data[len(data) // 2 : -9], data[-9:] + END, words=words)
    assert gray_of(source) == 0
    assert gray_of(source) == 7  # the last one came in whole with a read that was not full
    assert gray_of(source) == 8


def test_server_that_floods_gets_an_answer_all_the_same(
    chart: Pixels, words: Words, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = grays(chart)
    monkeypatch.setattr(mjpeg, "_READ", len(every[1]))
    monkeypatch.setattr(mjpeg, "_MOST_WAITING", 2 * len(every[1]))
    size = len(every[1])
    data = b"".join(every)
    source = arriving(*[data[start : start + size] for start in range(0, len(data), size)], END, words=words)
    assert gray_of(source) < 5


def test_stream_that_the_server_ends_is_an_end(picture: bytes, words: Words) -> None:
    with HttpCamera(stream([picture] * 2, then=END)) as camera:
        assert frames_of(words.open(camera.url))[-1].index == 1


def test_server_that_hangs_up_is_an_error(picture: bytes, words: Words) -> None:
    with HttpCamera(stream([picture] * 2)) as camera:
        source = words.open(camera.url)
        with pytest.raises(InputError, match=r"received the end of the stream from http://.*; the server hung up"):
            frames_of(source)


def test_server_that_goes_silent_is_an_error(picture: bytes, words: Words, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mjpeg, "TIMEOUT", 0.5)
    with HttpCamera(stream([picture] * 2, then=SILENCE)) as camera:
        source = words.open(camera.url)
        read(source, 2)
        source._source._reply.response.fp.raw._sock.settimeout(0.5)  # type: ignore[attr-defined]  # now, and not before
        with pytest.raises(InputError, match=r"expected the next frame within 0\.5 s, received none from http://"):
            source.read()
        source.close()


@pytest.mark.usefixtures("impatient")
def test_server_that_never_answers_is_an_error(words: Words) -> None:
    with (
        HttpCamera(lambda: iter([SILENCE])) as camera,
        pytest.raises(InputError, match=r"expected an answer from http://.*, received none within 0\.5 s; check the"),
    ):
        words.open(camera.url)


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (stream([]), "received the end of the stream from"),
        (stream([], then=END), "received the end of the stream before the first"),
        (stream([b"no picture"] * 200, then=SILENCE), "received 100 damaged ones in a row"),
        (stream([], declared='""'), "expected a Content-Type with a boundary, received none"),
        (stream([], then=b"--frame\r\nX: " + b"x" * 20_000), "expected the end of a part's header within 8192 bytes"),
        (reply("text/html", b"<html>"), "expected a stream of JPEG, a picture or a video, received text/html from"),
        (reply("image/jpeg", b"no picture"), "expected a picture that OpenCV can decode, received another from"),
        (reply("x", b"", "404 Not Found"), "expected 200 OK from .*, received 404 Not Found; give the address of its"),
        (
            reply("x", b"", "302 Found", "Location: http://root:hunter2@other/live?t0ken"),
            r"received 302 Found; give the address of http://other/live\?…",
        ),
        (
            reply("x", b"", "302 Found", "Location: /login?next=http://x/&pw=t0ken"),
            r"received 302 Found; give the address of http://127\.0\.0\.1:[0-9]+/login\?…$",
        ),
        (reply("x", b"", "302 Found", "Location: http://[:::/"), "received 302 Found; give the address of its stream$"),
        (
            reply("x", b"", "302 Found", "Location: http://x:many/"),
            "received 302 Found; give the address of its stream$",
        ),
        (reply("x", b"", "200 OK", f"X: {'x' * 70_000}"), r"received something that is no HTTP \(LineTooLong\)"),
        (reply("x", b"", "200 OK", *["X: 1"] * 200), r"received something that is no HTTP \(HTTPException\)"),
        (lambda: iter([b"SSH-2.0-OpenSSH\r\n\r\n"]), r"received something that is no HTTP \(BadStatusLine\)"),
        (lambda: iter([b""]), "expected an answer from .*, received Remote end closed connection"),
    ],
)
def test_bad_server_is_one_clear_line(script: Script, message: str, words: Words) -> None:
    with HttpCamera(script) as camera, pytest.raises(InputError, match=message) as caught:
        words.open(f"http://root:hunter2@{camera.host}/stream?t0ken")
    assert "hunter2" not in str(caught.value)
    assert "t0ken" not in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_server_that_is_not_there_is_one_clear_line(words: Words) -> None:
    refused = "expected an answer from http://127.0.0.1:[0-9]+/x, received Connection refused"
    with closed_port() as port, pytest.raises(InputError, match=refused):
        words.open(f"http://127.0.0.1:{port}/x")


def test_host_that_nobody_knows_is_one_clear_line(words: Words) -> None:
    with pytest.raises(InputError, match=r"expected an answer from http://nobody\.invalid, received .*; check the"):
        words.open("http://nobody.invalid")


def protected(picture: bytes, scheme: str = "Basic") -> HttpCamera:
    camera: HttpCamera
    known = guarded("ro ot", "hunt:er2", stream([picture], then=SILENCE), lambda: camera.requests[-1], scheme)
    camera = HttpCamera(known)
    return camera


def test_name_and_password_of_the_address_are_given_and_never_shown(picture: bytes, words: Words) -> None:
    with protected(picture) as camera:
        source = words.open(f"http://ro%20ot:hunt%3Aer2@{camera.host}/stream")
        (frame,) = read(source, 1)
        source.close()
    assert is_chart(frame.image)
    assert frame.source == f"http://{camera.host}/stream"


@pytest.mark.parametrize(
    ("user", "message"),
    [
        ("", "expected a name and password for http://.*, received 401 Unauthorized; write http://NAME:PASSWORD@HOST"),
        ("ro%20ot:hunter3@", "expected the right name and password for http://.*, received 401 Unauthorized; write"),
    ],
)
def test_wrong_password_is_one_clear_line(picture: bytes, words: Words, user: str, message: str) -> None:
    with protected(picture) as camera, pytest.raises(InputError, match=message) as caught:
        words.open(f"http://{user}{camera.host}/stream")
    assert "hunter3" not in str(caught.value)


def test_camera_that_wants_digest_is_told_of(picture: bytes, words: Words) -> None:
    with (
        protected(picture, "Digest") as camera,
        pytest.raises(InputError, match="expected a server that takes basic authentication, received 401"),
    ):
        words.open(f"http://root:hunter2@{camera.host}/stream")
