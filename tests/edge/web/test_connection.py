from __future__ import annotations

import contextlib
import http.client
import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("uvicorn", reason="uvicorn is not installed")
pytest.importorskip("starlette", reason="starlette is not installed")

from edgeproof.edge.web import app, connection
from web_site import PATIENCE, Serve, Site, answer, until

SOON = 0.3  # seconds
OTHER = "127.0.0.3"  # another peer, on loopback


@pytest.fixture
def opened(serve: Serve) -> Iterator[tuple[Site, contextlib.ExitStack]]:
    """A page, and what closes connections to it."""
    with contextlib.ExitStack() as stack:
        yield serve(), stack


def connect(site: Site, sent: bytes = b"", source: str = "127.0.0.1") -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", site.port), PATIENCE, (source, 0))
    connection.sendall(sent)
    return connection


def is_dropped(connection: socket.socket) -> bool:
    """Tell whether the server hung up, after whatever it answered."""
    try:
        while connection.recv(1 << 16):
            pass
    except ConnectionError:
        pass
    except TimeoutError:
        return False
    return True


def answers(site: Site, source: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", site.port, PATIENCE, (source, 0))
    try:
        connection.request("GET", "/about")
        return connection.getresponse().status == 200
    except (ConnectionError, http.client.BadStatusLine):
        return False
    finally:
        connection.close()


@pytest.mark.parametrize("sent", [b"", b"GET /about HTTP/1.1\r\nHost: localhost\r\n"])
def test_connections_that_ask_for_nothing_do_not_close_the_page(
    opened: tuple[Site, contextlib.ExitStack], sent: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "_REQUEST", SOON)
    monkeypatch.setattr(connection, "_MOST_OF_ONE", 1000)
    site, stack = opened
    idle = [stack.enter_context(connect(site, sent)) for _ in range(130)]
    until(lambda: answers(site, "127.0.0.1"))
    assert all(is_dropped(one) for one in idle)


def test_one_peer_cannot_take_every_connection(opened: tuple[Site, contextlib.ExitStack]) -> None:
    site, stack = opened
    idle = [stack.enter_context(connect(site)) for _ in range(130)]
    assert answers(site, OTHER)
    for one in idle[64:]:
        assert is_dropped(one)


def test_request_that_comes_bit_by_bit_gains_no_time(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_REQUEST", SOON)
    site = serve()
    with connect(site, b"GET /about HTTP/1.1\r\nHost: localhost\r\n\r\n") as one:
        assert one.recv(1 << 16).startswith(b"HTTP/1.1 200")

        def refused() -> bool:
            try:
                one.sendall(b"G")
            except ConnectionError:
                return True
            return False

        until(refused)


def test_body_that_never_comes_is_not_waited_for(serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_REQUEST", SOON)
    site = serve(collect=tmp_path)
    head = f"POST /collect/hold HTTP/1.1\r\nHost: localhost\r\nOrigin: {site.root}\r\nContent-Length: 20\r\n\r\n{{"
    with connect(site, head.replace("localhost", f"127.0.0.1:{site.port}").encode()) as one:
        assert is_dropped(one)
    assert site.console.getvalue() == ""


def test_peer_that_reads_nothing_is_dropped(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_UNREAD", SOON)
    site = serve()
    image = np.random.default_rng(0).integers(0, 256, (720, 1280, 3), np.uint8)
    site.feed(lambda index: answer(image, index))
    with connect(site, b"GET /next HTTP/1.1\r\nHost: localhost\r\n\r\n"):
        until(lambda: site.sink.encoded)
        until(lambda: not site.sink._server._server.server_state.connections)


def test_poll_that_waits_is_not_dropped(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_REQUEST", SOON)
    monkeypatch.setattr(app, "_PATIENCE", 4 * SOON)
    site = serve()
    with connect(site) as one:
        for _ in range(2):
            one.sendall(b"GET /next HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert one.recv(1 << 16).startswith(b"HTTP/1.1 204")
