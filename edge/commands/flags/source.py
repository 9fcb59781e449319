"""Options that choose where frames come from."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...console import Console
    from ...contract import ModelInput
    from ...sources import Source


def add(parser: argparse.ArgumentParser) -> None:
    """Add them."""
    parser.add_argument(
        "source",
        nargs="?",
        default="0",
        help="camera (0, /dev/video0), video, picture, folder, hands: for a generated clip; numbers for a regression",
    )
    group = parser.add_argument_group("source")
    group.add_argument("--strict", action="store_true", help="end at the first unreadable picture")


def open_frames(options: argparse.Namespace, wanted: ModelInput, console: Console) -> Source:
    """Open the source.

    Raises:
        InputError: there is none such, or it does not open.
    """
    from ...sources import open_source

    return open_source(options.source, wanted, console, strict=options.strict)
