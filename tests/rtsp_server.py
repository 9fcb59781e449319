"""A camera that speaks RTSP, on loopback: JPEG in RTP (RFC 2435), interleaved with the answers over TCP (RFC 2326)."""

from __future__ import annotations

import base64
import itertools
import socket
import struct
import time
from collections.abc import Iterator, Sequence

from loopback import PATIENCE, LoopbackServer

_PAYLOAD = 1200  # bytes of a packet's JPEG data
_TYPE_420, _OWN_TABLES = 1, 255  # of RFC 2435: 4:2:0, and quantization tables in the first packet
_JPEG = 26  # RTP's payload type
_CLOCK = 90_000  # ticks a second


class RtspServer(LoopbackServer):
    """Gives its JPEGs over and over, or once and then hangs up, or once and then goes silent.

    A `status` other than 200 is the answer to those who know the `password` ("name:password"), where there is one.
    """

    def __init__(
        self,
        pictures: Sequence[bytes],
        *,
        then: str = "again",
        rate: float = 50.0,
        status: str = "200 OK",
        password: str = "",
        scheme: str = "Basic",
        patience: float = PATIENCE,
    ) -> None:
        super().__init__(patience)
        self.asked: list[str] = []
        self._password, self._scheme = password, scheme
        self._pictures, self._then, self._rate, self._status = pictures, then, rate, status

    def talk(self, connection: socket.socket) -> None:
        """Answer one client."""
        with connection.makefile("rb") as lines:
            while request := lines.readline().decode():
                header = {}
                while (line := lines.readline().decode().strip()) != "":
                    name, _, value = line.partition(":")
                    header[name.lower()] = value.strip()
                method = request.split()[0]
                self.asked.append(f"{method} {header.get('authorization', '')}".strip())
                self._answer(connection, method, header)
                if method == "PLAY":
                    self.play(connection)
                    return

    def _answer(self, connection: socket.socket, method: str, header: dict[str, str]) -> None:
        known = not self._password or header.get("authorization") == f"Basic {_base64(self._password)}"
        status = self._status if known else "401 Unauthorized"
        lines, body = [f"RTSP/1.0 {status}", f"CSeq: {header.get('cseq', '0')}", "Session: 1"], ""
        if method == "OPTIONS":
            lines[0] = "RTSP/1.0 200 OK"
            lines.append("Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN")
        elif method == "DESCRIBE" and status.startswith("200"):
            body = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=chart\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            body += f"m=video 0 RTP/AVP {_JPEG}\r\na=control:track\r\n"
            lines.append("Content-Type: application/sdp")
        elif method == "SETUP":
            lines.append("Transport: RTP/AVP/TCP;unicast;interleaved=0-1")
        elif "401" in status:
            lines.append(f'WWW-Authenticate: {self._scheme} realm="camera", nonce="0"')
        lines.append(f"Content-Length: {len(body)}")
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n" + body).encode())

    def play(self, connection: socket.socket) -> None:
        """Send the pictures."""
        end = time.monotonic() + PATIENCE
        numbers = itertools.count()
        pictures = itertools.cycle(self._pictures) if self._then == "again" else self._pictures
        for index, picture in enumerate(pictures):
            for packet in packets(picture, int(index / self._rate * _CLOCK), numbers):
                connection.sendall(packet)
            if self.stop.wait(1 / self._rate) or time.monotonic() > end:
                return
        if self._then == "silence":
            self.stop.wait(PATIENCE)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def packets(jpeg: bytes, timestamp: int, numbers: Iterator[int]) -> Iterator[bytes]:
    """Cut a baseline JPEG of 4:2:0, with the standard Huffman tables, into interleaved RTP packets."""
    height, width, tables, scan = parsed(jpeg)
    for offset in range(0, len(scan), _PAYLOAD):
        part = scan[offset : offset + _PAYLOAD]
        last = offset + _PAYLOAD >= len(scan)
        head = struct.pack(">B3s4B", 0, offset.to_bytes(3, "big"), _TYPE_420, _OWN_TABLES, width // 8, height // 8)
        if offset == 0:
            head += struct.pack(">BBH", 0, 0, len(tables)) + tables
        rtp = struct.pack(">BBHII", 0x80, _JPEG | (0x80 if last else 0), next(numbers) & 0xFFFF, timestamp, 1)
        packet = rtp + head + part
        yield b"$\x00" + struct.pack(">H", len(packet)) + packet


def parsed(jpeg: bytes) -> tuple[int, int, bytes, bytes]:
    """Read a JPEG's height, width, quantization tables and scan."""
    at, tables, height, width = 2, b"", 0, 0
    while True:
        marker, length = struct.unpack_from(">xBH", jpeg, at)
        content = jpeg[at + 4 : at + 2 + length]
        at += 2 + length
        if marker == 0xDB:
            for start in range(0, len(content), 65):
                tables += content[start + 1 : start + 65]
        elif marker == 0xC0:
            height, width = struct.unpack_from(">xHH", content)
        elif marker == 0xDA:
            return height, width, tables, jpeg[at:-2]
