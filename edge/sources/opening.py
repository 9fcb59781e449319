"""A source by its name; the file of each kind is loaded only when it is the one chosen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..console import Console
from ..contract import ModelInput, NumberInput
from ..errors import InputError
from ..folders import SUFFIXES
from ..source_names import HANDS, is_address, is_device, is_pi_camera
from .frame import Source
from .options import SourceOptions, refuse_requests

if TYPE_CHECKING:
    from .stillness import Stillness

_AS_IT_IS = SourceOptions()


def open_source(
    name: str,
    wanted: ModelInput,
    console: Console,
    options: SourceOptions = _AS_IT_IS,
    stillness: Stillness | None = None,
) -> Source:
    """Open a source by its name.

    Args:
        name: a camera ("0", "/dev/video0", "picamera", "picamera:1", "rtsp://…", "http://…"), a video file, a picture,
            a folder or a pattern of pictures ("photos/**/*.jpg"), or "hands:" with an optional number of frames
            ("hands:90"); for a model of numbers, the numbers ("10" or "1,2.5").
        wanted: what the model takes.
        console: where warnings go.
        options: what is asked of the source.
        stillness: how long a live source's frames may be the same before that is a failure; a warning where None.

    Raises:
        InputError: there is no such source, it does not open, or it cannot be asked for that.
    """
    if isinstance(wanted, NumberInput):
        return _open_numbers(name, wanted, options)
    source = _open_pictures(name, console, options)
    if source.live:
        from .watch import Watch

        source = Watch(source, console, stillness)
    if options.roi or options.rotate or options.mirror:
        from .view import View

        source = View(source, options)
    return source


def _open_numbers(name: str, wanted: NumberInput, options: SourceOptions) -> Source:
    from .numbers import NumberSource

    if options.roi or options.rotate or options.mirror:
        raise InputError("expected --roi, --rotate and --mirror with a model of pictures, received a model of numbers")
    refuse_requests(name, options)
    return NumberSource(name, wanted)


def _open_pictures(name: str, console: Console, options: SourceOptions) -> Source:
    if is_device(name):
        from .camera import CameraSource

        return CameraSource(name, console, options)
    if is_pi_camera(name):
        from .picamera import PiCameraSource

        refuse_requests(name, options, "size", "rate")
        return PiCameraSource(name, console, options)
    if is_address(name):
        return _open_address(name, console, options)
    refuse_requests(name, options)
    if name.startswith(HANDS):
        from .hands import HandsSource

        return HandsSource.from_name(name)
    return _open_path(name, console, options)


def _open_address(name: str, console: Console, options: SourceOptions) -> Source:
    from .address import Address

    address = Address.parse(name)
    if address.scheme in ("rtsp", "rtsps"):
        from .rtsp import open_rtsp

        refuse_requests(address.shown, options)
        return open_rtsp(address, console)
    if address.scheme in ("http", "https"):
        from .content import open_http

        refuse_requests(address.shown, options, "rate")
        return open_http(address, console, options)
    raise _no_source(address.shown)


def _open_path(name: str, console: Console, options: SourceOptions) -> Source:
    from .address import hidden
    from .images import ImageSource, is_pattern, listed

    path = Path(name)
    if hidden(name) != name and not path.exists() and not (is_pattern(name) and listed(path)):
        raise _no_source(hidden(name))
    if path.is_dir() or path.suffix.lower() in SUFFIXES or is_pattern(name):
        return ImageSource(path, console, strict=options.strict)
    if not path.is_file():
        raise _no_source(name, "" if "://" in name else "; there is no such file")
    from .video import VideoSource

    return VideoSource(path, console)


def _no_source(name: str, why: str = "") -> InputError:
    # As it was given: Path would make ftp:/x of ftp://x.
    return InputError(
        f"expected a camera, an rtsp:// or http:// address, a video, picture, folder or hands:, received {name!r}{why}"
    )
