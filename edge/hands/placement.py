"""The placement of a hand in the picture, and the map from the hand frame to pixels that follows from it.

The hand frame has its origin at the wrist, x towards the fingertips, y towards the thumb; one unit is the length of
an open hand from the wrist to the tip of the middle finger. Angles are in degrees unless a name says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .plane import Point

SUBPIXEL_BITS = 4  # of OpenCV's fixed-point coordinates

_UP = -90.0  # direction of fingers that point at the upper border, degrees
_MIDDLES = {"paper": 0.48, "rock": 0.34, "scissors": 0.46}  # x of the hand's middle in the hand frame
_HALF_LENGTHS = {"paper": 0.5, "rock": 0.32, "scissors": 0.5}
_SIZES = {"paper": (0.55, 1.3), "rock": (0.6, 1.45), "scissors": (0.55, 1.3)}  # hand length over the shorter side
# Seen from above the back of a fist is steep, so it looks shorter than the palm of an open hand.
_LENGTHENING = {"paper": (0.85, 1.03), "rock": (0.66, 0.95), "scissors": (0.82, 1.03)}


@dataclass(frozen=True)
class Placement:
    """Where the hand lies in the picture.

    Attributes:
        x: position of the hand's middle, fraction of the picture's width.
        y: the same, fraction of the height.
        size: hand length, fraction of the picture's shorter side.
        rotation: direction from wrist to fingers, degrees, clockwise from the picture's x axis.
        mirror: left hand instead of right, seen from the back.
        squeeze: foreshortening along and across the hand, 1 for none.
        shear: slant of the view, 0 for none.
    """

    x: float
    y: float
    size: float
    rotation: float
    mirror: bool
    squeeze: Point
    shear: float


def sample_placement(label: str, rng: np.random.Generator) -> Placement:
    """Draw a random placement for a label.

    Args:
        label: one of `LABELS`.
        rng: source of randomness.

    Returns:
        The placement: the hand inside the frame but for little, or some of its wrist off the picture.
    """
    size = float(rng.uniform(*_SIZES[label]))
    # Leave the hand inside the frame but for a little of a border.
    slack = max(0.03, 0.58 - _HALF_LENGTHS[label] * size)
    x, y = rng.uniform(0.5 - slack, 0.5 + slack, 2)
    # People mostly reach straight in from a side: half of the hands stay near an axis.
    straight = 90 * rng.integers(4) + rng.normal(0, 14)
    rotation = straight if rng.random() < 0.5 else rng.uniform(-180, 180)
    if rng.random() < 0.3:
        # A hand that has not come in all the way: its wrist is off the picture.
        late = rng.uniform(0.2, 0.85) * _HALF_LENGTHS[label] * size
        x, y = 0.5 + 0.1 * (x - 0.5), 0.5 + 0.4 * (y - 0.5)
        x, y = x - late * np.cos(np.deg2rad(rotation)), y - late * np.sin(np.deg2rad(rotation))
    return Placement(
        x=float(x),
        y=float(y),
        size=size,
        rotation=float(rotation),
        mirror=bool(rng.random() < 0.5),
        squeeze=(float(rng.uniform(*_LENGTHENING[label])), float(rng.uniform(0.85, 1.1))),
        shear=float(rng.normal(0, 0.05)),
    )


def centred(place: Placement, label: str) -> Placement:
    """Bring a placement near to a hand held up in the middle of the picture, with a third of its variety left."""
    usual = sum(_SIZES[label]) / 2
    around = (place.rotation - _UP + 180) % 360 - 180  # how far from upright, −180 to 180
    return replace(
        place,
        x=0.5 + (min(max(place.x, 0.0), 1.0) - 0.5) / 3,
        y=0.5 + (min(max(place.y, 0.0), 1.0) - 0.5) / 3,
        size=usual + (place.size - usual) / 3,
        rotation=_UP + around / 6,
    )


def drifted(place: Placement, turn: float) -> Placement:
    """Displace, turn and resize a placement a little, smoothly over one `turn` from 0 to 1 and back where it was."""
    once, twice = float(np.sin(2 * np.pi * turn)), float(np.sin(4 * np.pi * turn))
    return replace(
        place,
        x=place.x + 0.05 * once,
        y=place.y + 0.035 * twice,
        size=place.size * (1 + 0.06 * once),
        rotation=place.rotation + 9 * twice,
    )


def to_pixels(label: str, place: Placement, size: tuple[int, int]) -> NDArray[np.float64]:
    """Affine map from the hand frame to pixels.

    Args:
        label: one of `LABELS`.
        place: where the hand lies.
        size: height and width of the picture, pixels.

    Returns:
        Matrix (2, 3), float64.
    """
    height, width = size
    scale = place.size * min(height, width)
    turn = np.deg2rad(place.rotation)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    squeeze = np.array([[place.squeeze[0], place.shear], [0.0, place.squeeze[1] * (-1 if place.mirror else 1)]])
    linear = scale * rotation @ squeeze
    offset = np.array([place.x * width, place.y * height]) - linear @ [_MIDDLES[label], 0.0]
    return np.column_stack([linear, offset])


def pixels_per_unit(matrix: NDArray[np.float64]) -> float:
    """Length in pixels that a map (2, 3) gives to one unit of the hand frame, averaged over directions."""
    return float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))


def to_fixed_point(points: NDArray[np.float64], matrix: NDArray[np.float64]) -> NDArray[np.int32]:
    """Map points (..., 2) of the hand frame by a map (2, 3) to pixels with `SUBPIXEL_BITS` binary places."""
    pixels = points @ matrix[:, :2].T + matrix[:, 2]
    return np.asarray(np.rint(pixels * (1 << SUBPIXEL_BITS)), np.int32)
