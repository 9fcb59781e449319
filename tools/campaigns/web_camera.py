"""A camera of 30 frames a second on loopback, in a process of its own; it ends when its standard input does."""

from __future__ import annotations

import socket
import sys
import threading
import time

import cv2
import numpy as np

from edgeproof.edge.hands import draw_hand, sample_hand

RATE = 30.0  # frames a second
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n"


def _parts() -> list[bytes]:
    """Draw a few hands of 640×480 pixels, as parts of the stream."""
    rng = np.random.default_rng(0)
    parts = []
    for label in ("paper", "rock", "scissors") * 4:
        jpeg = cv2.imencode(".jpg", draw_hand(sample_hand(label, rng), 480, 640))[1].tobytes()
        parts.append(b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%s\r\n" % (len(jpeg), jpeg))
    return parts


def _show(connection: socket.socket, parts: list[bytes]) -> None:
    connection.recv(4096)
    connection.sendall(_HEAD)
    start, shown = time.monotonic(), 0
    while True:
        connection.sendall(parts[shown % len(parts)])
        shown += 1
        time.sleep(max(0.0, start + shown / RATE - time.monotonic()))


def _serve(listener: socket.socket) -> None:
    parts = _parts()
    while True:
        with listener.accept()[0] as connection:
            try:
                _show(connection, parts)
            except OSError:  # who watched has left
                continue


def main() -> int:
    """Serve until nobody holds the other end of standard input; the port is printed."""
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)  # noqa: T201 - how the port is told
    threading.Thread(target=_serve, args=(listener,), daemon=True).start()
    sys.stdin.read()
    return 0


if __name__ == "__main__":
    sys.exit(main())
