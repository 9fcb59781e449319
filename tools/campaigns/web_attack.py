"""One attack on a server, in a process of its own with the lowest priority; what was answered is printed as JSON.

A guest on the network brings a processor along. Here it is the device's own, hence the priority.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import resource
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from web_requests import SENT

_THREADS = 8
_PEERS = 8  # addresses of loopback that attacks come from
_PATIENCE = 0.25  # seconds for an answer
_STEP = 0.1  # seconds between two bytes of who is slow
_ENOUGH = 65536  # bytes of an answer
_STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")
_TOLD = b"content-security-policy: "
# What only those who know the token may see.
_CONTENT = (b"image/jpeg", b"multipart/x-mixed", b"application/json", b"text/javascript", b'src="/page.js"')


@dataclass(frozen=True)
class Held:
    """Connections that are held open: what each says at first, and then byte by byte, as often as it takes."""

    opening: str
    then: bytes = b""
    many: int = 200


STREAM = "slow readers of the stream"
HELD = {
    "slow heads": Held("GET /about HTTP/1.1\r\nHost: {host}\r\nX-Slow: ", b"x"),
    "slow bodies": Held(
        "POST /collect/label HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nContent-Length: 4000\r\n\r\n", b" "
    ),
    "slow readers of pictures": Held("GET /next HTTP/1.1\r\nHost: {host}\r\n\r\n" * 50),
    STREAM: Held("GET /stream.mjpg HTTP/1.1\r\nHost: {host}\r\n\r\n"),
    "slow readers of the page": Held("GET /page.js HTTP/1.1\r\nHost: {host}\r\n\r\n" * 200),
    "a thousand connections": Held("", many=1000),
}


class Attack:
    """Sends requests of a kind, and counts what comes back."""

    def __init__(self, port: int, seed: int, end: float) -> None:
        self.counts: Counter[str] = Counter()
        self._port, self._end = port, end
        self._rng = random.Random(seed)  # noqa: S311 - repeatable, no secret
        self._lock = threading.Lock()

    def send(self, kind: str, count: int) -> None:
        """Send so many requests, each on a connection of its own, or as many as there is time for, a few at least."""
        threads = [
            threading.Thread(target=self._send, args=(kind, count // _THREADS, self._rng.random()))
            for _ in range(_THREADS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def hold(self, held: Held, count: int) -> None:
        """Hold connections open until the end, each anew where it was dropped; for a moment at least."""
        opening = held.opening.replace("{host}", f"127.0.0.1:{self._port}").encode()
        many = min(held.many, max(8, count))
        kept: list[socket.socket] = []
        while not self.counts["made"] or time.monotonic() < self._end:
            kept = [one for one in kept if _lives(one, held.then)]
            for _ in range(min(many - len(kept), 200)):
                if (one := self._opened(opening)) is not None:
                    kept.append(one)
            time.sleep(_STEP)
        for one in kept:
            one.close()

    def _opened(self, opening: bytes) -> socket.socket | None:
        one = socket.socket()
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.settimeout(_PATIENCE)
        self.counts["made"] += 1
        try:
            one.bind((f"127.0.0.{2 + self._rng.randrange(_PEERS)}", 0))
            one.connect(("127.0.0.1", self._port))
            one.setblocking(False)
            if opening:
                one.send(opening)
        except OSError:
            one.close()
            return None
        return one

    def _send(self, kind: str, count: int, seed: float) -> None:
        rng = random.Random(seed)  # noqa: S311 - repeatable, no secret
        for number in range(count):
            if number and time.monotonic() > self._end:
                return
            request = SENT[kind](rng, f"127.0.0.1:{self._port}")
            reply = exchanged(request, self._port, f"127.0.0.{2 + rng.randrange(_PEERS)}")
            with self._lock:
                self._count(reply)

    def _count(self, reply: bytes) -> None:
        statuses = [status.decode() for status in _STATUS.findall(reply)]
        # An answer that was cut off has no part in this, and 100 is none yet.
        whole = [head for head in reply.split(b"HTTP/1.1 ")[1:] if b"\r\n\r\n" in head and not head.startswith(b"100")]
        self.counts.update(
            made=1,
            errors=sum(status.startswith("5") and status != "503" for status in statuses),  # 503: every seat is taken
            bare=sum(_TOLD not in head for head in whole),
            content=any(mark in reply for mark in _CONTENT),
            upgraded="101" in statuses,
        )


def exchanged(request: bytes, port: int, source: str) -> bytes:
    """Send something and give the beginning of what comes back, in as much time as that may take."""
    reply = b""
    try:
        with socket.create_connection(("127.0.0.1", port), 2.0, (source, 0)) as one:
            one.settimeout(_PATIENCE)
            one.sendall(request)
            while len(reply) < _ENOUGH and (data := one.recv(_ENOUGH)):
                reply += data
    except OSError:  # it hung up, or answers later
        return reply
    return reply


def _lives(one: socket.socket, then: bytes) -> bool:
    try:
        if then:
            one.send(then)
        elif one.recv(1, socket.MSG_PEEK):
            return True
    except BlockingIOError:
        return True
    except OSError:
        then = b""
    if not then:
        one.close()
    return bool(then)


def main(arguments: Sequence[str]) -> int:
    """Attack a port."""
    parser = argparse.ArgumentParser()
    for name, kind in (("kind", str), ("port", int), ("seed", int), ("count", int), ("seconds", float)):
        parser.add_argument(name, type=kind)
    options = parser.parse_args(arguments)
    os.nice(19)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    attack = Attack(options.port, options.seed, time.monotonic() + options.seconds)
    if options.kind in HELD:
        attack.hold(HELD[options.kind], options.count)
    else:
        attack.send(options.kind, options.count)
    print(json.dumps(attack.counts))  # noqa: T201 - how the result is told
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
