"""What a person may choose about a network."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path


class Head(str, Enum):
    """What stands between the last feature map and the dense layers."""

    FLATTEN = "flatten"
    GAP = "gap"  # global average pooling: one number per channel, wherever the thing is in the picture


@dataclass(frozen=True)
class Choices:
    """What a person may choose about a network.

    `weights` is where a transferred backbone's weights come from: "imagenet", or a local file; `weights_range` is the
    real value of a pixel of 0 and of 255 that they were trained with; `trust` loads a .keras file uninspected.
    """

    head: Head | None = None
    backbone: str | None = None
    weights: str | Path | None = None
    weights_range: tuple[float, float] | None = None
    trust: bool = False
