from __future__ import annotations

import http.client
import itertools
import json
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

pytest.importorskip("uvicorn", reason="uvicorn is not installed")
pytest.importorskip("starlette", reason="starlette is not installed")

from edgeproof.edge.preprocess import Pixels
from edgeproof.edge.web import app, picture, viewers
from web_site import LABELS, PATIENCE, Serve, answer, until
from web_watching import stream


def test_picture_and_answer_come_together(serve: Serve, chart: Pixels) -> None:
    site = serve()
    shades = [np.full((48, 64, 3), 20 * index, np.uint8) for index in range(10)]
    site.feed(lambda index: answer(shades[index % 10], index, LABELS[index % 3], dropped=index))
    for _ in range(5):
        reply = site.get("/next")
        said = reply.answer
        assert reply.headers["Content-Type"] == "image/jpeg"
        assert abs(int(reply.picture[24, 32, 0]) - 20 * (said["frame"] % 10)) <= 2
        assert said["label"] == LABELS[said["frame"] % 3]
        assert said["dropped"] == said["frame"]
        assert said["probabilities"][said["label"]] == 0.75
        assert list(said["probabilities"]) == list(LABELS)
    assert chart.any()


def test_colours_are_right(serve: Serve, chart: Pixels) -> None:
    site = serve()
    site.feed(lambda index: answer(chart, index))
    picture = site.get("/frame.jpg").picture
    assert picture[24, 8].argmax() == 2  # red, in BGR
    assert picture[24, 56].argmax() == 0


def test_frame_may_be_written_over_once_the_sink_returned(serve: Serve) -> None:
    site = serve()
    image = np.empty((48, 64, 3), np.uint8)

    def make(index: int) -> object:
        image[:] = 40 * (index % 6)  # the loop's memory goes round
        return answer(image, index)

    site.feed(make, rate=500)  # type: ignore[arg-type]
    for _ in range(5):
        reply = site.get("/next")
        assert np.abs(reply.picture.astype(int) - 40 * (reply.answer["frame"] % 6)).max() <= 2


def test_poll_waits_for_a_newer_picture(serve: Serve, chart: Pixels) -> None:
    site = serve()
    with ThreadPoolExecutor() as pool:
        first = pool.submit(site.get, "/next?after=0")
        assert not first.done()
        site.feed(lambda index: answer(chart, index))
        number = first.result(PATIENCE).answer["number"]
        site.pause()
        second = pool.submit(site.get, f"/next?after={number}")
        site.feed(lambda index: answer(chart, 1000 + index))
        assert second.result(PATIENCE).answer["frame"] >= 1000


def test_poll_that_finds_nothing_says_so(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "_PATIENCE", 0.05)
    site = serve()
    assert site.get("/next").status == 204
    assert site.get("/frame.jpg").status == 204


def test_number_of_an_earlier_run_does_not_make_a_page_wait(serve: Serve, chart: Pixels) -> None:
    site = serve()
    site.feed(lambda index: answer(chart, index))
    assert site.get("/next?after=100000").status == 200
    assert site.get("/next?after=one").status == 400


def test_picture_of_long_ago_is_not_shown(serve: Serve, chart: Pixels, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "_PATIENCE", 0.05)
    monkeypatch.setattr(viewers, "_FRESH", 0.0)
    site = serve()
    site.feed(lambda index: answer(chart, index))
    until(lambda: site.get("/next").status in (200, 204) and site.sink.encoded)
    site.pause()
    assert site.get("/next").status == 204


def test_large_pictures_are_made_smaller(serve: Serve) -> None:
    site = serve()
    image = np.zeros((1200, 2560, 3), np.uint8)
    site.feed(lambda index: answer(image, index))
    assert site.get("/next").picture.shape == (600, 1280, 3)


@pytest.mark.parametrize("shape", [(1, 4000, 3), (4000, 1, 3)])
def test_picture_of_one_pixel_on_a_side_keeps_it(serve: Serve, shape: tuple[int, int, int]) -> None:
    site = serve()
    image = np.full(shape, 90, np.uint8)
    site.feed(lambda index: answer(image, index))
    picture = site.get("/next").picture
    assert sorted(picture.shape[:2]) == [1, 1280]
    assert abs(int(picture.mean()) - 90) <= 2


def test_picture_that_goes_wrong_is_said_and_not_the_last(
    serve: Serve, chart: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = serve()
    site.feed(lambda index: answer(chart, index))
    with monkeypatch.context() as patched:
        patched.setattr(picture.cv2, "imencode", lambda *_: (False, np.empty(0, np.uint8)))
        with ThreadPoolExecutor() as pool:
            reply = pool.submit(site.get, "/next")
            until(lambda: "64×48" in site.console.getvalue())
            patched.undo()
            assert reply.result(PATIENCE).picture.shape == chart.shape
    assert site.console.getvalue() == "warning: the web page met ValueError: no JPEG of 64×48 pixels\n"


def test_stream_has_one_picture_after_another(serve: Serve, chart: Pixels) -> None:
    site = serve()
    site.feed(lambda index: answer(chart, index))
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=PATIENCE)
    connection.request("GET", "/stream.mjpg")
    reply = connection.getresponse()
    assert reply.getheader("Content-Type") == "multipart/x-mixed-replace; boundary=frame"
    for _ in range(3):
        assert reply.readline() == b"--frame\r\n"
        assert reply.readline() == b"Content-Type: image/jpeg\r\n"
        length = int(reply.readline().split(b":")[1])
        assert reply.readline() == b"\r\n"
        assert reply.read(length).startswith(b"\xff\xd8\xff")
        assert reply.readline() == b"\r\n"
    connection.close()


def test_answer_is_what_run_prints_as_json(serve: Serve, chart: Pixels) -> None:
    site = serve()
    assert site.get("/answer").status == 204
    site.sink.write(answer(chart, 7, "paper", age=0.25, dropped=3))
    said = site.get("/answer").json
    assert (said["frame"], said["label"], said["dropped"], said["frame_age_ms"]) == (7, "paper", 3, 250.0)
    assert said["raw"]["label"] == "paper"
    assert abs(said["time"] - time.time()) < PATIENCE


def test_many_classes_are_the_highest_ones_beside_a_picture(serve: Serve, chart: Pixels) -> None:
    labels = tuple(f"class {index}" for index in range(1000))
    site = serve(labels=labels)
    values = {label: float(index) for index, label in enumerate(labels)}

    def make(index: int) -> object:
        plain = answer(chart, index)
        return type(plain)(plain.frame, plain.prediction, labels[-1], 999.0, values, 0.0, 0)

    site.feed(make)  # type: ignore[arg-type]
    assert list(site.get("/next").answer["probabilities"]) == [f"class {index}" for index in range(999, 987, -1)]


def test_label_that_is_no_text_gets_through(serve: Serve, chart: Pixels) -> None:
    labels = ("a\r\nX-Injected: b", "\ud800", "<script>")
    site = serve(labels=labels)
    plain = answer(chart)
    values = dict.fromkeys(labels, 0.5)
    site.feed(lambda _: type(plain)(answer(chart).frame, plain.prediction, labels[0], 0.5, values, 0.0, 0))
    reply = site.get("/next")
    assert list(reply.answer["probabilities"]) == list(labels)
    assert "X-Injected" not in reply.headers
    assert site.get("/about").json["labels"] == list(labels)


def test_viewers_are_told_the_end(serve: Serve, chart: Pixels) -> None:
    site = serve()
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(site.get, "/next")
        until(lambda: site.sink._viewers._seats == 1)
        site.close()
        assert waiting.result(PATIENCE).status == 410
    with pytest.raises(ConnectionRefusedError):
        site.get("/next")
    assert chart.any()


def test_stream_ends_with_its_last_boundary(serve: Serve, chart: Pixels) -> None:
    site = serve()
    with stream(site) as watching:
        until(lambda: site.sink.write(answer(chart)) or site.sink.encoded >= 2)  # few enough that all are taken unread
        site.close()
        received = b""
        while chunk := watching.recv(1 << 16):
            received += chunk
    assert received.endswith(b"--frame--\r\n\r\n0\r\n\r\n")


def test_everything_ends_with_the_page(serve: Serve, chart: Pixels) -> None:
    before = set(threading.enumerate())
    site = serve()
    site.feed(lambda index: answer(chart, index))
    with stream(site):
        until(lambda: site.sink.encoded)
        site.close()
    assert set(threading.enumerate()) - before == set()


def test_mistakes_that_differ_are_said_a_few_times(
    serve: Serve, chart: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = serve()
    site.sink.write(answer(chart))
    numbers = itertools.count()

    def fail(_: object) -> None:
        raise ZeroDivisionError(str(next(numbers)))

    monkeypatch.setattr(app, "described", fail)
    assert [site.get("/answer").status for _ in range(25)] == [500] * 25
    assert site.console.getvalue().count("warning: ") == 20


def test_mistake_of_ours_is_said_once(serve: Serve, chart: Pixels, monkeypatch: pytest.MonkeyPatch) -> None:
    site = serve()
    site.sink.write(answer(chart))

    def fail(_: object) -> None:
        raise ZeroDivisionError("of a test")

    monkeypatch.setattr(app, "described", fail)
    assert [site.get("/answer").status for _ in range(3)] == [500] * 3
    assert site.console.getvalue() == "warning: the web page met ZeroDivisionError: of a test\n"
    assert site.get("/about").status == 200


def test_mistake_in_the_servers_own_loop_is_a_line_and_no_traceback(
    serve: Serve, capfd: pytest.CaptureFixture[str]
) -> None:
    site = serve()

    def fail() -> None:
        raise ValueError("of ours")

    site.sink._server.soon(fail)
    until(lambda: site.console.getvalue() == "warning: the web page met ValueError: of ours\n")
    assert site.get("/about").status == 200
    site.close()
    assert capfd.readouterr() == ("", "")


def test_page_needs_nothing_from_elsewhere(serve: Serve) -> None:
    site = serve()
    wanted, found = ["/"], set[str]()
    while wanted:
        path = wanted.pop()
        found.add(path)
        reply = site.get(path)
        assert reply.status == 200
        text = reply.body.decode()
        assert not re.search(r"(src|href|from|import|url)\W{1,3}(https?:)?//", text)
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(| style=| on\w+=", text)
        links = re.findall(r'(?:src|href)="(/[\w./]+)"|from "\.(/[\w.]+)"', text)
        wanted += [path for link in links if (path := link[0] or link[1]) not in found]
    assert found == {"/", "/page.css", "/page.js", "/collection.js", "/game.js", "/icon.svg"}


def test_about_says_what_the_page_is_for(serve: Serve) -> None:
    about = serve().get("/about").json
    assert (about["model"], about["labels"]) == ("rps-int8", list(LABELS))
    assert "game" not in about
    assert "collect" not in about
    assert json.loads(json.dumps(about)) == about
