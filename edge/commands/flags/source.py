"""Options that choose where frames come from."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ...arguments import camera_size, rate, roi

if TYPE_CHECKING:
    from ...console import Console
    from ...contract import ModelInput
    from ...sources import Source, SourceOptions


def add(parser: argparse.ArgumentParser) -> None:
    """Add them."""
    parser.add_argument(
        "source",
        nargs="?",
        default="0",
        metavar="SOURCE",
        help="camera (0, /dev/video0, picamera, rtsp://…, http://…), video, picture, folder, quoted pattern "
        "('photos/*.jpg'), or hands: for a generated clip; numbers for a regression (default: 0)",
    )
    group = parser.add_argument_group("source")
    group.add_argument("--roi", type=roi, metavar="X,Y,WIDTH,HEIGHT", help="use this part of each frame, in pixels")
    group.add_argument(
        "--rotate",
        type=int,
        choices=(90, 180, 270),
        default=0,
        help="turn frames clockwise by so many degrees; after --roi",
    )
    group.add_argument("--mirror", action="store_true", help="swap left and right; after --rotate")
    group.add_argument(
        "--camera-size", type=camera_size, metavar="WIDTHxHEIGHT", help="ask a camera for this size, such as 1280x720"
    )
    group.add_argument(
        "--rate",
        type=rate,
        metavar="FPS",
        help="ask a camera for so many frames a second (default: its own; 2 for pictures over http)",
    )
    group.add_argument(
        "--pixel-format",
        choices=("auto", "MJPG", "YUYV"),
        default="auto",
        help="how a USB camera sends frames (default: auto, which is MJPG where USB 2 is too slow for YUYV)",
    )
    group.add_argument("--strict", action="store_true", help="end at the first unreadable picture")


def open_frames(options: argparse.Namespace, wanted: ModelInput, console: Console) -> Source:
    """Open the source.

    Raises:
        InputError: there is none such, it does not open, or it cannot be asked for that.
    """
    from ...sources import open_source

    return open_source(options.source, wanted, console, asked(options))


def asked(options: argparse.Namespace) -> SourceOptions:
    """Read what is asked of the source."""
    from ...sources import Roi, SourceOptions

    return SourceOptions(
        roi=None if options.roi is None else Roi(*options.roi),
        rotate=options.rotate,
        mirror=options.mirror,
        size=options.camera_size,
        rate=options.rate,
        pixel_format=None if options.pixel_format == "auto" else options.pixel_format,
        strict=options.strict,
    )
