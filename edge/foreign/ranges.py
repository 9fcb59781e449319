"""What pixels stand for: real values of a pixel of 0 and of 255, of all channels together or of each."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from ..errors import InputError

Limits = tuple[float, float]

_RANGE = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?)\.\.(-?[0-9]+(?:\.[0-9]+)?)")
_LARGEST = 1e30  # float32 ends at 3e38, and what a network makes of its input must have room


def parse_range(text: str) -> Limits:
    """Read "0..1" as (0.0, 1.0).

    Raises:
        InputError: the text is no range from low to high.
    """
    parts = _RANGE.fullmatch(text)
    if parts is None:
        raise InputError(f"expected a range such as 0..1 or -1..1, received {text!r}")
    low, high = float(parts[1]), float(parts[2])
    if not (low < high and math.isfinite(low) and math.isfinite(high)):
        raise InputError(f"expected a range from low to high, received {text!r}")
    return low, high


def parse_numbers(text: str) -> tuple[float, ...]:
    """Read "0.485,0.456,0.406" as three numbers.

    Raises:
        InputError: the text is no list of numbers.
    """
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError as error:
        raise InputError(f"expected numbers such as 0.485,0.456,0.406, received {text!r}") from error


def normalized(mean: Sequence[float], std: Sequence[float], white: float, channels: int) -> tuple[Limits, ...]:
    """Give the limits that (pixel − mean) / std has: one pair for all channels, or one for each where they differ.

    Args:
        mean: one number, or one for each channel, in the order of the channels.
        std: as many, above 0.
        white: what a pixel of 255 is before: 255, as TFLite Metadata has it, or 1, as torchvision does.
        channels: how many the picture has.

    Raises:
        InputError: there are not as many as channels, or they are no such numbers.
    """
    if not all(len(numbers) in (1, channels) for numbers in (mean, std)):
        raise InputError(
            f"expected a mean and a std of 1 or {channels} number(s), as the channels, "
            f"received {len(mean)} and {len(std)}"
        )
    pairs = [(each(mean, channel), each(std, channel)) for channel in range(channels)]
    if not all(middle == middle and spread > 0 for middle, spread in pairs):
        raise InputError(f"expected a mean, and a std above 0, received {list(mean)} and {list(std)}")
    limits = tuple((-middle / spread, (white - middle) / spread) for middle, spread in pairs)
    if not all(-_LARGEST < low < high < _LARGEST for low, high in limits):
        raise InputError(f"expected a mean and a std that leave a range, received {list(mean)} and {list(std)}")
    return limits if len(set(limits)) > 1 else limits[:1]


def each(numbers: Sequence[float], channel: int) -> float:
    """Give the number of a channel, where there may be one for all."""
    return float(numbers[channel % len(numbers)])


def spelled(limits: Limits) -> str:
    """Write limits as --range reads them: 0..1."""
    return "..".join(f"{end:.4g}" for end in limits)
