"""What no browser would send: one function per kind of hostile request, by chance and repeatable."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from urllib.parse import quote

PATHS = ("/", "/about", "/answer", "/next", "/frame.jpg", "/stream.mjpg", "/page.js", "/page.css")
_BUTTONS = ("/collect/hold", "/collect/release", "/collect/undo", "/collect/label", "/game/start")
_SECRETS = ("etc/passwd", "edge/web/access.py", "proc/self/environ", "page.html")
_UP = ("../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..%252f", "..\\", "..%5c", "%c0%ae%c0%ae/", "..;/", "....//", "/../")
_METHODS = ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "HEAD", "PRI", "x" * 300)
_HOSTS = ("evil.example", "127.0.0.1.evil.example", "x/page.css?", "x/icon.svg#", "[::1", "", "a@b", "\x7f", "%00", "*")
_LARGE = 1_000_000  # bytes

Request = Callable[[random.Random, str], bytes]


def plain(path: str, host: str, method: str = "GET", headers: str = "", body: bytes = b"") -> bytes:
    """Word a whole request; `headers` are lines that end in CR LF."""
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    head = f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n{length}{headers}Connection: close\r\n\r\n"
    return head.encode("utf-8", "surrogateescape") + body


def malformed(rng: random.Random, host: str) -> bytes:
    """Damage a request, or send none at all."""
    good = plain(rng.choice(PATHS), host)
    choices: tuple[Callable[[], bytes], ...] = (
        lambda: rng.randbytes(rng.randrange(1, 2000)),
        lambda: good.replace(b"\r\n", b"\n"),
        lambda: good.replace(b"HTTP/1.1", rng.choice((b"HTTP/9.9", b"HTTP/1.1.1", b"HTTP/", b"ICY", b"HTTP/2.0", b""))),
        lambda: good[: rng.randrange(1, len(good))],
        lambda: b"\x00" * rng.randrange(1, 500) + good,
        lambda: good.replace(b"Host", rng.choice((b"Ho st", b"\x00", b" Host", b"Host:\r\nHost", b"H\xc3\xb6st"))),
        lambda: _flipped(good, rng),
        lambda: b"\r\n" * rng.randrange(1, 1000) + good,
        lambda: good.replace(b"Connection: close\r\n", b"") * rng.randrange(2, 100),
        lambda: b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + rng.randbytes(500),  # TLS
        lambda: b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + rng.randbytes(50),
    )
    return rng.choice(choices)()


def smuggled(rng: random.Random, host: str) -> bytes:
    """Disagree about where a body ends, so that its rest might be taken for a request of its own."""
    hidden = plain("/frame.jpg", host)
    framing = rng.choice(
        (
            "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
            "Transfer-Encoding: xchunked\r\n",
            "Transfer-Encoding : chunked\r\n",
            "Transfer-Encoding:\tchunked\r\n",
            "Content-Length: 0\r\nContent-Length: 50\r\n",
            "Content-Length: -1\r\n",
            "Content-Length: +5\r\n",
            f"Content-Length: {'9' * rng.randrange(5, 5000)}\r\n",
        )
    )
    chunk = rng.choice(
        (b"0\r\n\r\n", b"fffffffffffffffff\r\n", b"-5\r\nhello\r\n", b"5;x\r\nhel", b"5\nhello\n0\n\n", b"zz\r\n")
    )
    path = rng.choice((*_BUTTONS, *PATHS))
    head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n{framing}\r\n"
    return head.encode() + chunk + hidden


def huge(rng: random.Random, host: str) -> bytes:
    """Send far too much of something."""
    size = rng.randrange(20_000, _LARGE)
    choices: tuple[Callable[[], bytes], ...] = (
        lambda: plain("/about", host, headers=f"X-Long: {'x' * size}\r\n"),
        lambda: plain("/about", host, headers="".join(f"X-{i}: y\r\n" for i in range(size // 10))),
        lambda: plain("/" + "a" * size, host),
        lambda: plain("/about?" + "&".join(f"a{i}=b" for i in range(size // 10)), host),
        lambda: plain("/next?after=" + "9" * 15_000, host),
        lambda: plain("/about", host, headers=f"Cookie: {'a=b; ' * 3000}\r\n"),
        lambda: plain("/about", host, "POST", f"Origin: http://{host}\r\n", b"x" * size),
        lambda: plain("/collect/label", host, "POST", f"Origin: http://{host}\r\n", b"[" * size),
        lambda: plain("/collect/label", host, "POST", f"Origin: http://{host}\r\n", b"[" * 4000),
    )
    return rng.choice(choices)()


def tokens(rng: random.Random, host: str) -> bytes:
    """Bring a wrong token, or none, by every way in which one may come."""
    guess = rng.choice(("", "a" * 22, "%00", "ü", "\udcff", "' or 1=1", "[]", "a" * 5000, quote(rng.randbytes(16))))
    port = host.rpartition(":")[2]
    path = rng.choice(PATHS)
    choices: tuple[Callable[[], bytes], ...] = (
        lambda: plain(path, host),
        lambda: plain(f"{path}?token={quote(guess, errors='surrogateescape')}", host),
        lambda: plain(f"{path}?token=a&token=&token[]=b", host),
        lambda: plain(path, host, headers=f"Authorization: Bearer {guess}\r\n"),
        lambda: plain(path, host, headers=f"Authorization: Basic {guess}\r\nAuthorization: {guess}\r\n"),
        lambda: plain(path, host, headers=f"Cookie: edgeproof-{port}={guess}; edgeproof-{port}=\r\n"),
        lambda: plain(path, host, headers=f"Cookie: {guess}\r\nX-Forwarded-For: 127.0.0.1\r\n"),
        lambda: plain(path, host, headers="X-Original-URL: /page.css\r\nX-Rewrite-URL: /page.css\r\n"),
        lambda: plain(f"/page.css{rng.choice(('/..', '%2f..', ';', '?', '#', '%00'))}{path}", host),
        lambda: plain(f"http://{host}{path}", host),
    )
    return rng.choice(choices)()


def traversal(rng: random.Random, host: str) -> bytes:
    """Ask for what is no file of the page, in every spelling."""
    path = "/" + "".join(rng.choice(_UP) for _ in range(rng.randrange(1, 12))) + rng.choice(_SECRETS)
    return plain(path + rng.choice(("", "%00", "%00.css", "?", "#")), host)


def strangers(rng: random.Random, host: str) -> bytes:
    """Come from another page, under another name, by another method."""
    site = rng.choice(("cross-site", "same-site", "x", ""))
    path = rng.choice((*PATHS, *_BUTTONS))
    choices: tuple[Callable[[], bytes], ...] = (
        lambda: plain(rng.choice(_BUTTONS), host, "POST", "Origin: http://evil.example\r\n", b"{}"),
        lambda: plain(rng.choice(_BUTTONS), host, "POST", f"Sec-Fetch-Site: {site}\r\n", b"{}"),
        lambda: plain(rng.choice(_BUTTONS), host, "POST", f"Referer: http://{host}/\r\n", b"{}"),
        lambda: plain(rng.choice(_BUTTONS), host, "POST", "Origin: null\r\n", b"{}"),
        lambda: plain(path, host, headers="Sec-Fetch-Site: cross-site\r\nSec-Fetch-Dest: image\r\n"),
        lambda: plain(path, rng.choice(_HOSTS)),
        lambda: plain(path, host, rng.choice(_METHODS)),
        lambda: plain(
            path,
            host,
            headers="Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n",
        ),
        lambda: plain(path, host, headers="Upgrade: h2c\r\nHTTP2-Settings: AAAA\r\nExpect: 100-continue\r\n"),
        lambda: plain("*", host, "OPTIONS"),
    )
    return rng.choice(choices)()


def buttons(rng: random.Random, host: str) -> bytes:
    """Press what there is to press as the page itself would, with what no page would say."""
    fit = ("rock", "🪨" * 30, f"label {rng.randrange(1000)}", "-rf", "$(reboot)", "<img src=x onerror=alert(1)>")
    unfit = ("../../etc", "/etc/cron.d/x", "..", ".", "", "a/b", "a\\b", "\0", "\ud800", "\n\r", "x" * 3000)
    label = rng.choice((*fit, *unfit))
    said: object = rng.choice(
        ({"label": label}, {"label": label, "press": "x" * 100}, {"label": [label]}, {"label": 5}, [label], None, 1e308)
    )
    body = json.dumps(said).encode() if rng.random() < 0.9 else rng.randbytes(200)
    return plain(rng.choice(_BUTTONS), host, "POST", f"Origin: http://{host}\r\n", body)


def flood(rng: random.Random, host: str) -> bytes:
    """Ask many times in one breath for what costs something to answer."""
    many = rng.randrange(20, 60)
    return b"".join(
        plain(rng.choice(("/", "/about", "/answer")), host).replace(b"Connection: close\r\n", b"") for _ in range(many)
    )


def _flipped(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.randrange(1, 8)):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


SENT: dict[str, Request] = {
    each.__name__: each for each in (malformed, smuggled, huge, tokens, traversal, strangers, buttons, flood)
}
