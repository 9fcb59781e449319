from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

pytest.importorskip("uvicorn", reason="uvicorn is not installed")
pytest.importorskip("starlette", reason="starlette is not installed")

from edgeproof.edge.preprocess import Pixels
from edgeproof.edge.web import viewers
from web_site import PATIENCE, Serve, Site, answer, until
from web_watching import stream

LARGE = (720, 1280, 3)


def noise(seed: int = 0) -> Pixels:
    """A picture that no JPEG makes small."""
    return np.random.default_rng(seed).integers(0, 256, LARGE, np.uint8)


def follow(site: Site, count: int) -> list[int]:
    """Watch as the page does; the numbers of so many pictures."""
    numbers = [0]
    while len(numbers) <= count:
        numbers.append(site.get(f"/next?after={numbers[-1]}").answer["number"])
    return numbers[1:]


def test_nothing_is_encoded_where_nobody_watches(serve: Serve, chart: Pixels) -> None:
    site = serve()
    for index in range(500):
        site.sink.write(answer(chart, index))
    assert site.get("/about").status == site.get("/answer").status == 200
    assert site.sink.encoded == 0


def test_one_encode_serves_all_who_wait(serve: Serve, chart: Pixels, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewers, "_FRESH", PATIENCE)  # or a busy machine would call the only picture old
    site = serve()
    with ThreadPoolExecutor(10) as pool:
        replies = [pool.submit(site.get, "/next") for _ in range(10)]
        until(lambda: site.sink._viewers._seats == 10)
        site.sink.write(answer(chart, 5))
        numbers = {reply.result(PATIENCE).answer["number"] for reply in replies}
    assert numbers == {1}
    assert site.sink.encoded == 1


def test_rate_is_bounded(serve: Serve, chart: Pixels) -> None:
    """However many ask, and however fast: the time between the first and the last encode allows for no more."""
    site = serve(rate=10)
    start = time.monotonic()
    site.feed(lambda index: answer(chart, index), rate=200)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: follow(site, 5), range(3)))
    site.pause()
    assert 5 <= site.sink.encoded <= 10 * (time.monotonic() - start) + 2


def test_viewer_that_does_not_read_slows_nobody(serve: Serve) -> None:
    site = serve()
    image = noise()
    site.feed(lambda index: answer(image, index), rate=100)
    with stream(site):
        numbers = follow(site, 25)  # far more pictures than all the buffers on the way to it hold
    assert numbers == sorted(set(numbers))


def test_viewer_that_is_slow_misses_pictures_and_queues_none(serve: Serve) -> None:
    site = serve()
    images = [noise(index) for index in range(4)]
    site.feed(lambda index: answer(images[index % 4], index), rate=100)
    with stream(site) as slow:
        until(lambda: site.sink.encoded >= 2)
        follow(site, 15)
        site.close()  # what it can still read is what was queued for it
        received = b""
        slow.settimeout(PATIENCE)
        try:
            while chunk := slow.recv(1 << 20):
                received += chunk
        except ConnectionResetError:
            pass
    assert received.count(b"Content-Type: image/jpeg\r\n") <= 3


def test_viewers_are_bounded(serve: Serve, chart: Pixels, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewers, "MOST", 3)
    site = serve()
    with ThreadPoolExecutor() as pool:
        watching = [pool.submit(site.get, "/next") for _ in range(3)]
        until(lambda: site.sink._viewers._seats == 3)
        refused = site.get("/next")
        assert (refused.status, refused.headers["Retry-After"]) == (503, "5")
        assert site.get("/stream.mjpg").status == 503
        assert site.get("/about").status == 200
        site.feed(lambda index: answer(chart, index))
        assert [reply.result(PATIENCE).status for reply in watching] == [200] * 3
    assert site.get("/next").status == 200


def test_viewer_that_leaves_gives_its_place_back(serve: Serve, chart: Pixels) -> None:
    site = serve()
    site.feed(lambda index: answer(chart, index))
    connection = stream(site)
    until(lambda: site.sink._viewers._seats == 1)
    connection.close()
    until(lambda: site.sink._viewers._seats == 0)


def test_sink_holds_no_memory_of_frames(serve: Serve, chart: Pixels) -> None:
    site = serve()
    site.sink.write(answer(chart))
    reply = threading.Thread(target=site.get, args=("/next",))
    reply.start()
    until(lambda: site.sink._viewers._seats)
    until(lambda: site.sink.write(answer(chart)) or site.sink.encoded)
    reply.join(PATIENCE)
    buffer = site.sink._picture._handover._image
    site.feed(lambda index: answer(chart, index))
    site.get("/next?after=1")
    assert site.sink._picture._handover._image is buffer


def test_viewer_is_told_at_once_that_the_camera_gives_nothing(serve: Serve, chart: Pixels) -> None:
    site = serve()
    with ThreadPoolExecutor() as pool:
        waiting = [pool.submit(site.get, "/next") for _ in range(2)]
        until(lambda: site.sink.wait(1.5) or all(each.done() for each in waiting))
        assert [each.result().status for each in waiting] == [204, 204]
        seeing = pool.submit(site.get, "/next")
        until(lambda: site.sink.write(answer(chart)) or seeing.done())
    assert seeing.result().status == 200


def test_stream_outlasts_a_silence(serve: Serve, chart: Pixels) -> None:
    site = serve()
    with stream(site) as connection:
        until(lambda: site.sink._viewers._seats)
        site.sink.wait(1.5)
        site.sink.wait(2.5)
        site.feed(lambda index: answer(chart, index))
        received = b""
        while b"\xff\xd8" not in received:
            data = connection.recv(4096)
            assert data
            received += data
