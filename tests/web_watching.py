"""A viewer of the page, and frames to show it."""

from __future__ import annotations

import socket

from web_site import PATIENCE, Site


def stream(site: Site) -> socket.socket:
    """Ask for the stream and read nothing of it, into a buffer that is soon full."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(PATIENCE)
    connection.connect(("127.0.0.1", site.port))
    connection.sendall(b"GET /stream.mjpg HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return connection
