"""Options that steady the answers which are shown."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ...arguments import fraction_above_0, seconds, votes

if TYPE_CHECKING:
    from ...classifier import Classifier
    from ...steady import Steady


def add(parser: argparse.ArgumentParser) -> None:
    """Add them."""
    group = parser.add_argument_group("answers")
    group.add_argument(
        "--smooth",
        type=fraction_above_0,
        default=1.0,
        metavar="W",
        help="average the probabilities over time; W is the weight of the newest frame, such as 0.3 (default: 1, off)",
    )
    group.add_argument(
        "--majority",
        type=votes,
        default=(1, 1),
        metavar="K/N",
        help="show what K of the last N frames say, such as 3/5 (default: 1/1, off)",
    )
    group.add_argument(
        "--hold", type=seconds, default=0.0, metavar="S", help="keep a label for at least S seconds (default: 0)"
    )


def steady(options: argparse.Namespace, classifier: Classifier) -> Steady | None:
    """Make what steadies the answers; None where nothing was asked for."""
    from ...steady import Steady, Steadying

    needed, window = options.majority
    how = Steadying(options.smooth, needed, window, options.hold)
    return Steady(how, classifier.contract.output.unknown_below) if how != Steadying() else None
