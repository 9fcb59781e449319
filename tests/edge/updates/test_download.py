from __future__ import annotations

import io
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from edgeproof.edge.console import Console
from edgeproof.edge.errors import InputError
from edgeproof.edge.sources.address import Address
from edgeproof.edge.updates import download
from edgeproof.edge.updates.download import Download, check
from http_camera import HttpCamera, Script, reply


def served(*headers: str, body: bytes = b"model", status: str = "200 OK") -> Script:
    return reply("application/octet-stream", body, status, *headers)


def fetched(
    tmp_path: Path, *scripts: Script, polls: int = 1, path: str = "rps.tflite"
) -> tuple[Download, str, list[str]]:
    """Poll so many times; gives the download, what it said, and the requests."""
    stream = io.StringIO()
    with HttpCamera(*scripts) as server:
        address = Address.parse(f"http://pi:secret@{server.host}/{path}")
        made = Download(address, tmp_path, 0.0, Console(stream=stream))
        for _ in range(polls):
            made.poll(lambda: False)
    return made, stream.getvalue(), server.requests


def files(made: Download) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in made.folder.iterdir() if path.suffix != ".json"}


def test_file_is_fetched_with_the_name_of_its_address(tmp_path: Path) -> None:
    made, said, requests = fetched(tmp_path, served(), path="new/rps%20v2.tflite?key=1")
    assert files(made) == {"rps-v2.tflite": b"model"}
    assert said == ""
    assert requests[0].startswith("GET /new/rps%20v2.tflite?key=1 ")
    assert "Authorization: Basic cGk6c2VjcmV0" in requests[0]


def test_file_is_asked_for_only_when_it_is_another(tmp_path: Path) -> None:
    first = served('ETag: "1"', "Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT")
    unchanged = served(status="304 Not Modified", body=b"")
    made, said, requests = fetched(tmp_path, first, unchanged, served('ETag: "2"', body=b"newer"), polls=3)
    assert "If-None-Match" not in requests[0]
    for request in requests[1:]:
        assert 'If-None-Match: "1"' in request
        assert "If-Modified-Since: Mon, 01 Jan 2024 00:00:00 GMT" in request
    assert files(made) == {"rps.tflite": b"newer"}
    assert said == ""


def test_next_run_remembers_what_is_there(tmp_path: Path) -> None:
    with HttpCamera(served('ETag: "1"'), served(status="304 Not Modified", body=b"")) as server:
        for _ in range(2):
            address = Address.parse(f"http://{server.host}/rps.tflite")
            Download(address, tmp_path, 0.0, Console(quiet=True)).poll(lambda: False)
    assert 'If-None-Match: "1"' in server.requests[1]
    assert (tmp_path / "downloads" / "rps.tflite").read_bytes() == b"model"


@pytest.mark.parametrize("script", [served(status="404 Not Found"), served(status="500 Oops")])
def test_server_that_has_none_is_told_of_once_and_asked_again(tmp_path: Path, script: Script) -> None:
    made, said, requests = fetched(tmp_path, script, polls=3)
    assert len(requests) == 3
    assert said.count("warning: --watch: expected 200 OK from http://127.0.0.1:") == 1
    assert "secret" not in said
    assert files(made) == {}


def cut_short() -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of it"


def test_file_that_is_cut_short_leaves_the_one_before(tmp_path: Path) -> None:
    made, said, _ = fetched(tmp_path, served(), cut_short, polls=2)
    assert files(made) == {"rps.tflite": b"model"}
    assert "expected 100 bytes from" in said


def test_file_that_is_too_large_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "LARGEST", 4)
    made, said, _ = fetched(tmp_path, served())
    assert files(made) == {}
    assert "expected up to 4 bytes" in said


def test_redirect_within_the_server_is_followed(tmp_path: Path) -> None:
    made, said, requests = fetched(tmp_path, served("Location: /v2/rps.tflite", status="302 Found"), served())
    assert files(made) == {"rps.tflite": b"model"}
    assert requests[1].startswith("GET /v2/rps.tflite ")
    assert said == ""


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ("http://192.0.2.1/rps.tflite", "received a redirect to http://192.0.2.1/rps.tflite"),
        ("file:///etc/passwd", "received a redirect to nowhere"),
        ("/rps.tflite", "received more than 3 redirects"),
    ],
)
def test_redirect_to_elsewhere_or_without_end_is_refused(tmp_path: Path, location: str, message: str) -> None:
    made, said, _ = fetched(tmp_path, served(f"Location: {location}", status="301 Moved"))
    assert message in said
    assert files(made) == {}


def test_redirect_from_https_to_http_is_refused() -> None:
    with pytest.raises(InputError, match=r"expected https:// .* received a redirect to http:"):
        download._moved(Address.parse("https://models.example/a.tflite"), "http://models.example/a.tflite")


def test_name_and_password_do_not_go_to_another_server() -> None:
    moved = download._moved(
        Address.parse("https://pi:secret@models.example/a.tflite"), "https://other.example/a.tflite"
    )
    assert moved.basic is None


def test_server_that_says_nothing_is_told_with_the_seconds_of_a_download(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = Address.parse(f"http://127.0.0.1:{silent.getsockname()[1]}/a.tflite")
        connection = download.connection_to(address, download.TIMEOUT)
        with pytest.raises(InputError, match=r"received none within 0\.2 s; .* that the server is on"):
            download._asked(connection, address, {})
        connection.close()


def test_certificate_is_verified() -> None:
    import ssl

    connection = download.connection_to(Address.parse("https://models.example/a.tflite"), 1.0)
    context: ssl.SSLContext = connection._context  # type: ignore[attr-defined]
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://models.example/a.tflite", "expected https:// for --watch, received http://models.example/a.tflite"),
        ("http://pi:secret@192.0.2.1/a.tflite", "received http://192.0.2.1/a.tflite, which anyone on the way"),
        ("ftp://models.example/a.tflite", "expected a folder, or an http:// or https:// address for --watch"),
    ],
)
def test_address_that_others_can_answer_for_is_refused(url: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        check(Address.parse(url), is_signed=False)
    assert message in str(caught.value)
    assert "secret" not in str(caught.value)


def test_safe_addresses_are_taken() -> None:
    for url in ("https://models.example/a", "http://127.0.0.1:8000/a", "http://[::1]/a", "http://localhost/a"):
        check(Address.parse(url), is_signed=False)
    check(Address.parse("http://models.example/a"), is_signed=True)
