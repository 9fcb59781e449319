"""Cameras that speak HTTP, on loopback: a server that sends what a test says, byte by byte."""

from __future__ import annotations

import base64
import socket
from collections.abc import Callable, Iterator, Sequence

from loopback import PATIENCE, LoopbackServer

SILENCE = b"silence"  # in the place of data: nothing more comes, and the connection stays

Script = Callable[[], Iterator[bytes]]


class HttpCamera(LoopbackServer):
    """Answers each request with the next of its scripts, the last one for ever; each gives the bytes to be sent."""

    def __init__(self, *scripts: Script) -> None:
        super().__init__()
        self.requests: list[str] = []
        self._scripts = scripts

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://{self.host}/stream"

    def talk(self, connection: socket.socket) -> None:
        """Answer one client."""
        request = b""
        while b"\r\n\r\n" not in request and (data := connection.recv(4096)):
            request += data
        script = self._scripts[min(len(self.requests), len(self._scripts) - 1)]
        self.requests.append(request.decode())
        for data in script():
            if self.stop.is_set() or (data is SILENCE and not self.stop.wait(PATIENCE)):
                return
            if data is not SILENCE:
                connection.sendall(data)


def reply(content_type: str, body: bytes, status: str = "200 OK", *headers: str) -> Script:
    """Answer with one body."""
    head = "".join(f"{line}\r\n" for line in (f"HTTP/1.1 {status}", f"Content-Type: {content_type}", *headers))
    return lambda: iter([f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body])


def stream(
    parts: Sequence[bytes],
    boundary: str = "frame",
    *,
    declared: str | None = None,
    lengths: bool = True,
    then: bytes = b"",
    chunked: bool = False,
) -> Script:
    """Answer with a stream of parts, and then with what a test wants to come after them."""

    def script() -> Iterator[bytes]:
        kind = f"multipart/x-mixed-replace; boundary={boundary if declared is None else declared}"
        coding = "Transfer-Encoding: chunked\r\n" if chunked else ""
        yield f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n{coding}\r\n".encode()
        for part in parts:
            data = framed(part, boundary, lengths=lengths)
            yield f"{len(data):x}\r\n".encode() + data + b"\r\n" if chunked else data
        yield f"{len(then):x}\r\n".encode() + then + b"\r\n" if chunked and then is not SILENCE else then

    return script


def framed(part: bytes, boundary: str = "frame", *, lengths: bool = True) -> bytes:
    """Put a part behind its delimiter and header."""
    length = f"Content-Length: {len(part)}\r\n" if lengths else ""
    return f"--{boundary}\r\nContent-Type: image/jpeg\r\n{length}\r\n".encode() + part + b"\r\n"


def guarded(user: str, password: str, script: Script, request: Callable[[], str], scheme: str = "Basic") -> Script:
    """Answer those who know name and password; `request` gives the request that is being answered."""
    wanted = f"Authorization: Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}\r\n"
    refusal = reply("text/html", b"who?", "401 Unauthorized", f'WWW-Authenticate: {scheme} realm="camera"')
    return lambda: (script if wanted in request() else refusal)()
