"""What stands around a device that is measured: a camera that it watches, a viewer of its page, and Prometheus."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.request import urlopen

import cv2
import numpy as np

from edgeproof.edge.hands import LABELS, draw_hand, sample_hand

_HEIGHT, _WIDTH = 480, 640  # pixels
_PICTURES = 90  # which go round
_PATIENCE = 60.0  # seconds; the page itself answers a poll after ten
_VIEWED = 0.2  # seconds between two looks at the page
_COUNTER = "edgeproof_frames_total"


class Camera:
    """A camera that gives pictures of hands as MJPEG at a steady rate; `url` is its address on loopback."""

    def __init__(self, rate: float, seed: int) -> None:
        pictures, self._stop = _hands(seed), threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(pictures, rate, self._stop))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/stream"
        self._thread = threading.Thread(target=self._server.serve_forever, name="camera")
        self._thread.start()

    def close(self) -> None:
        """Hang up."""
        self._stop.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(_PATIENCE)


class Viewer:
    """Looks at the page again and again, each picture through the same connection, as a browser does."""

    def __init__(self, url: str) -> None:
        self.pictures = 0
        self.failures = 0  # looks that failed, and were followed by one that did not: the last may be the end
        self._host = url.split("/")[2]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="viewer")
        self._thread.start()

    def close(self) -> None:
        """Look away."""
        self._stop.set()
        self._thread.join(_PATIENCE)

    def _watch(self) -> None:
        connection = http.client.HTTPConnection(self._host, timeout=_PATIENCE)
        failed = 0
        while not self._stop.wait(_VIEWED):
            try:
                connection.request("GET", "/next?after=0")
                reply = connection.getresponse()
                body = reply.read()
            except (OSError, http.client.HTTPException):
                failed += 1
                connection.close()
                continue
            if reply.status == http.client.OK and body:
                self.pictures += 1
                self.failures, failed = self.failures + failed, 0
        connection.close()


def answers(metrics: str) -> float:
    """Ask a device how many frames it has answered; `metrics` is the address that Prometheus reads.

    Raises:
        OSError: it does not say.
    """
    with urlopen(metrics, timeout=_PATIENCE) as reply:  # noqa: S310 - our own, over http
        lines = reply.read().decode().splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(_COUNTER))


def _hands(seed: int) -> list[bytes]:
    rng = np.random.default_rng(seed)
    images = (draw_hand(sample_hand(LABELS[i % len(LABELS)], rng), _HEIGHT, _WIDTH) for i in range(_PICTURES))
    return [cv2.imencode(".jpg", image)[1].tobytes() for image in images]


def _handler(pictures: list[bytes], rate: float, stop: threading.Event) -> Callable[..., BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Sends pictures until the device hangs up."""

        def do_GET(self) -> None:
            self.send_response(http.client.OK)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
            self.end_headers()
            due = time.monotonic()
            index = 0
            while not stop.wait(max(0.0, due - time.monotonic())):
                jpeg = pictures[index % len(pictures)]
                head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
                try:
                    self.wfile.write(head.encode() + jpeg + b"\r\n")
                except OSError:  # it hung up
                    return
                index, due = index + 1, due + 1 / rate

        def log_message(self, *_: object) -> None:
            """Nothing is logged."""

    return Handler
