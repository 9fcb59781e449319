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
    with contextlib.suppress(ConnectionError):  # it may be dropped by now, as its reader will see
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


def is_taken(held: connection.Connection) -> bool:
    """Tell whether a connection still stands, and the system has taken all that was written to it."""
    return held in held.connections and not held.flow.write_paused


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


@pytest.mark.parametrize("peers", [1, 3])
def test_new_connection_takes_the_place_of_the_oldest_that_asks_for_nothing(
    opened: tuple[Site, contextlib.ExitStack], peers: int
) -> None:
    site, stack = opened
    idle = [stack.enter_context(connect(site, source=f"127.0.0.{4 + index % peers}")) for index in range(200)]
    assert answers(site, "127.0.0.1")
    bound = 64 if peers == 1 else 128
    for one in idle[: 200 - bound]:
        assert is_dropped(one)
    assert len(site.sink._server._server.server_state.connections) >= bound - 2


def test_viewer_keeps_its_place_though_many_connect(opened: tuple[Site, contextlib.ExitStack]) -> None:
    site, stack = opened
    image = np.zeros((16, 16, 3), np.uint8)
    site.feed(lambda index: answer(image, index))
    viewer = stack.enter_context(connect(site, b"GET /stream.mjpg HTTP/1.1\r\nHost: localhost\r\n\r\n", OTHER))
    assert viewer.recv(1 << 16).startswith(b"HTTP/1.1 200")
    for index in range(400):
        stack.enter_context(connect(site, source=f"127.0.0.{4 + index % 8}"))
    until(lambda: answers(site, "127.0.0.1"))
    for _ in range(20):
        assert viewer.recv(1 << 16)


def test_peer_cannot_drive_out_its_own_viewer(opened: tuple[Site, contextlib.ExitStack]) -> None:
    site, stack = opened
    poll = stack.enter_context(connect(site, b"GET /next HTTP/1.1\r\nHost: localhost\r\n\r\n", OTHER))
    until(lambda: site.sink._viewers._seats == 1)
    for _ in range(80):
        stack.enter_context(connect(site, source=OTHER))
    assert answers(site, "127.0.0.1")
    site.feed(lambda index: answer(np.zeros((16, 16, 3), np.uint8), index))
    assert poll.recv(1 << 16).startswith(b"HTTP/1.1 200")


def test_request_that_comes_bit_by_bit_gains_no_time(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    site = serve()
    with connect(site, b"GET /about HTTP/1.1\r\nHost: localhost\r\n\r\n") as one:
        assert one.recv(1 << 16).startswith(b"HTTP/1.1 200")
        monkeypatch.setattr(connection, "_REQUEST", SOON)  # for the next one

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
    with site.held():
        one = connect(site, head.replace("localhost", f"127.0.0.1:{site.port}").encode())
    with one:
        assert is_dropped(one)
    assert site.console.getvalue() == ""


def test_requests_that_do_not_wait_for_their_answers_are_answered_once(serve: Serve) -> None:
    with connect(serve(), b"GET /about HTTP/1.1\r\nHost: localhost\r\n\r\n" * 50) as one:
        replies = b""
        with contextlib.suppress(ConnectionError):
            while data := one.recv(1 << 16):
                replies += data
    assert replies.count(b"HTTP/1.1 200") == 1


def test_little_that_is_left_unread_is_enough_to_be_dropped(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_UNREAD", SOON)
    site = serve()
    served = site.sink._server._server.server_state
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.connect(("127.0.0.1", site.port))
        until(lambda: served.connections)
        (held,) = served.connections
        unread = []  # bytes that wait for the peer
        while served.connections:  # the system takes some for the peer, and later perhaps some more
            before = served.total_requests  # read before sending: the server may have counted it a moment after
            with contextlib.suppress(ConnectionError):  # it may be dropped by now
                one.sendall(b"GET /page.js HTTP/1.1\r\nHost: localhost\r\n\r\n")
            until(lambda before=before: served.total_requests > before or not is_taken(held))
            unread.append(held.transport.get_write_buffer_size())
            until(lambda: is_taken(held) or not served.connections)
        assert max(unread) < 1 << 16  # which asyncio would not call much


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
    ask = b"GET /next HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with site.held():
        one = connect(site, ask)
    with one:
        assert one.recv(1 << 16).startswith(b"HTTP/1.1 204")
        one.sendall(ask)
        assert one.recv(1 << 16).startswith(b"HTTP/1.1 204")


def test_what_is_no_http_is_answered_as_everything_else(serve: Serve) -> None:
    site = serve()
    with connect(site, b"\x00\xff no HTTP at all\r\n\r\n") as one:
        head = one.recv(1 << 16)
        assert head.startswith(b"HTTP/1.1 400")
        assert b"content-security-policy: default-src 'self'" in head
        assert b"cache-control: no-store" in head
        assert is_dropped(one)


def test_body_that_breaks_while_its_answer_is_made_ends_the_connection(serve: Serve, tmp_path: Path) -> None:
    site = serve(collect=tmp_path)
    head = f"POST /collect/hold HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\nOrigin: {site.root}\r\n"
    with connect(site, f"{head}Transfer-Encoding: chunked\r\n\r\n".encode()) as one:
        until(lambda: site.sink._server._server.server_state.tasks)
        one.sendall(b"no chunk\r\n")
        assert is_dropped(one)
    assert answers(site, "127.0.0.1")
    assert site.console.getvalue() == ""


def test_head_of_a_stream_takes_no_place(serve: Serve) -> None:
    site = serve()
    with connect(site, b"HEAD /stream.mjpg HTTP/1.1\r\nHost: localhost\r\n\r\n") as one:
        assert one.recv(1 << 16).startswith(b"HTTP/1.1 200")
        until(lambda: site.sink._viewers._seats == 0)
