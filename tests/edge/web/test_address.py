from __future__ import annotations

import errno
import os
import socket

import pytest

from edgeproof.edge.errors import InputError
from edgeproof.edge.web.address import Address, is_loopback, listen, reachable


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("", "127.0.0.1", 8080),
        ("9000", "127.0.0.1", 9000),
        (":9000", "127.0.0.1", 9000),
        ("0.0.0.0", "0.0.0.0", 8080),  # noqa: S104 - read, not listened at
        ("pi.local:80", "pi.local", 80),
        ("localhost", "localhost", 8080),
        ("[::1]:9000", "::1", 9000),
        ("[::]", "::", 8080),
    ],
)
def test_what_is_left_out_is_filled_in(text: str, host: str, port: int) -> None:
    assert Address.parse(text) == Address(host, port)


@pytest.mark.parametrize("text", ["a:b", "a:70000", "a:-1", "::1:80", "[::1", "[::1]80", "http://a:80"])
def test_other_text_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Address.parse(text)


def test_address_is_written_as_in_the_web() -> None:
    assert str(Address("::1", 80)) == "[::1]:80"
    assert str(Address("pi.local", 80)) == "pi.local:80"


def test_port_in_use_is_one_line() -> None:
    with listen(Address("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=f"expected a free port, received one in use: 127.0.0.1:{port}"):
            listen(Address("127.0.0.1", port))


@pytest.mark.parametrize("host", ["no.such.name.invalid", "a" * 70 + ".invalid", "..", "-"])
def test_name_that_does_not_resolve_is_one_line(host: str) -> None:
    with pytest.raises(InputError, match="expected an address of this machine, received"):
        listen(Address(host, 8080))


def test_address_of_another_machine_is_one_line() -> None:
    with pytest.raises(InputError, match=r"received 192\.0\.2\.1:8080; 0\.0\.0\.0 is all of them"):
        listen(Address("192.0.2.1", 8080))


def test_port_of_the_system_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(socket.socket, "bind", refuse)
    with pytest.raises(InputError, match=r"received 127\.0\.0\.1:80; choose one above 1023"):
        listen(Address("127.0.0.1", 80))


@pytest.mark.parametrize(("host", "loopback"), [("127.0.0.1", True), ("localhost", True), ("0.0.0.0", False)])  # noqa: S104
def test_loopback_is_told_from_the_rest(host: str, loopback: bool) -> None:
    with listen(Address(host, 0)) as listener:
        assert is_loopback(listener) == loopback
        assert reachable(listener).endswith(f":{listener.getsockname()[1]}")
        assert "0.0.0.0" not in reachable(listener)  # noqa: S104 - no browser can open that


def test_send_buffers_are_small() -> None:
    """Linux doubles what it is told; without a bound it would grow to megabytes of pictures on their way."""
    with listen(Address("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()):
        listener.setblocking(True)
        connection, _ = listener.accept()
        with connection:
            assert connection.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) <= 256 * 1024
