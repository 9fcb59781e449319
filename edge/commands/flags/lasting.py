"""Options that keep a run going when its camera does not."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...arguments import seconds
from ...source_names import is_camera, may_be_live
from .source import asked

if TYPE_CHECKING:
    from ...console import Console
    from ...contract import ModelInput
    from ...sinks import Sink
    from ...sources import Source
    from ...supervision.absence import Absence
    from ...supervision.pulse import Pulse
    from ...supervision.vigil import Vigil


def add(parser: argparse.ArgumentParser) -> None:
    """Add them."""
    group = parser.add_argument_group("when the camera is away")
    group.add_argument(
        "--wait", action="store_true", help="wait for a camera that is not there yet, instead of ending with an error"
    )
    group.add_argument(
        "--give-up",
        type=seconds,
        metavar="S",
        help="end once a camera has been away for S seconds (default: never; it is opened again until it is back)",
    )


def open_frames(
    options: argparse.Namespace, wanted: ModelInput, console: Console, absence: Absence, *, waits: bool
) -> Source:
    """Open the source so that a live one is opened again whenever it fails.

    Args:
        options: of the command line.
        wanted: what the model takes.
        console: where warnings go.
        absence: what is told when frames stop, and when they come again.
        waits: whether one that is not there is waited for.

    Raises:
        InputError: there is none such, or it does not open and is not waited for.
    """
    from ...sources import open_source
    from ...sources.stillness import CAMERA, STREAM, Stillness
    from ...supervision.recovering import Recovering

    stillness = Stillness(CAMERA if is_camera(options.source) else STREAM)

    def opened() -> Source:
        return open_source(options.source, wanted, console, asked(options), stillness)

    first = None if waits and may_be_live(options.source) else opened()
    if first is not None and not first.live:
        return first
    return Recovering(opened, first, stillness, absence, interval=_interval(options), give_up=options.give_up)


def vigil(
    options: argparse.Namespace, frames: Source, absence: Absence, sinks: Sequence[Sink], pulse: Pulse | None
) -> Vigil | None:
    """Keep a vigil over what `open_frames` gave; None where it ends by itself."""
    from ...supervision.recovering import Recovering
    from ...supervision.vigil import Vigil

    if not isinstance(frames, Recovering):
        return None
    return Vigil(frames, absence, sinks, pulse, _interval(options))


def _interval(options: argparse.Namespace) -> float:
    # Between two frames, in seconds.
    return 1 / options.rate if options.rate else 0.0
