"""Cameras that speak HTTP: what the server calls its content decides what reads it."""

from __future__ import annotations

from ..console import Console
from ..errors import InputError
from .address import Address
from .frame import Source
from .http import get
from .options import SourceOptions, refuse_requests

# What FFmpeg reads by itself: video files, and playlists of them.
_VIDEO = ("video/", "application/vnd.apple.mpegurl", "application/x-mpegurl", "application/octet-stream")


def open_http(address: Address, console: Console, options: SourceOptions) -> Source:
    """Open a stream of JPEG, a picture that is asked for again and again, or a video.

    Raises:
        InputError: the server gives none of these, or nothing.
    """
    reply = get(address)
    kind = reply.content_type
    if kind.startswith("multipart/") and options.rate is None:
        from .mjpeg import MjpegSource

        return MjpegSource(address, reply, console)
    live = reply.response.length is None  # a file has an end
    reply.close()
    if not kind.startswith("image/"):
        refuse_requests(address.shown, options)  # a stream has its own rate
    else:
        from .snapshot import SnapshotSource

        return SnapshotSource(address, console, options)
    if kind.startswith(_VIDEO):
        from .stream import StreamSource

        return StreamSource(address, console, live=live)
    raise InputError(
        f"expected a stream of JPEG, a picture or a video, received {kind} from {address.shown}; "
        "give the address of the camera's stream, not of its page"
    )
