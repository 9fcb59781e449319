"""The pose of a hand: the side it shows, and how its fingers, thumb and wrist are held."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LABELS: tuple[str, ...] = ("paper", "rock", "scissors")
BACK, PALM, SIDE = "back", "palm", "side"

Five = tuple[float, float, float, float, float]  # thumb, index, middle, ring, little


@dataclass(frozen=True)
class Pose:
    """How the hand is held and built.

    Attributes:
        view: which side the camera sees: "back", "palm" or "side" (thumb side, fists only).
        splay: direction of thumb and fingers against the forearm axis, degrees, positive towards the thumb.
        bend: sideways bend per joint, degrees.
        reach: visible length of each finger against an average one; below 1 it also leans to or from the camera.
        curl: how far curled fingers stand out, 1 on average.
        girth: thickness of the fingers against an average hand.
        palm: width of the palm against an average hand.
        forearm: width of the forearm against an average one.
        wrist: bend of the wrist, degrees.
        thumb: 0 along the hand, 1 far out, below 0 behind it.
        sleeve: distance of the cuff from the wrist in hand lengths; negative for a bare arm.
    """

    view: str
    splay: Five
    bend: Five
    reach: Five
    curl: float
    girth: float
    palm: float
    forearm: float
    wrist: float
    thumb: float
    sleeve: float


def sample_pose(label: str, rng: np.random.Generator) -> Pose:
    """Draw a random pose for a label.

    Args:
        label: one of `LABELS`.
        rng: source of randomness.

    Returns:
        The pose.
    """
    views = {"rock": ((BACK, 0.6), (PALM, 0.24), (SIDE, 0.16))}.get(label, ((BACK, 0.65), (PALM, 0.35)))
    view = str(rng.choice([name for name, _ in views], p=[share for _, share in views]))
    # Below 0 the thumb hides behind the palm, as it does on many a flat hand.
    thumb = float(rng.uniform(0, 1) ** 1.4 - 0.2)
    lean = rng.uniform(0.86, 1.04)
    return Pose(
        view=view,
        splay=_five(_splay(label, thumb, rng)),
        bend=_five(rng.normal(0, 2.5, 5)),
        reach=_five(lean * rng.uniform(0.93, 1.05, 5)),
        curl=float(rng.uniform(0.6, 1.25)),
        girth=float(rng.uniform(0.88, 1.18)),
        palm=float(rng.uniform(0.9, 1.12)),
        forearm=float(rng.uniform(0.9, 1.3)),
        wrist=float(rng.normal(0, 9)),
        thumb=thumb,
        sleeve=float(rng.uniform(0.02, 0.5)) if rng.random() < 0.35 else -1.0,
    )


def _five(values: NDArray[np.float64]) -> Five:
    thumb, index, middle, ring, little = (float(value) for value in values)
    return thumb, index, middle, ring, little


def _splay(label: str, thumb: float, rng: np.random.Generator) -> NDArray[np.float64]:
    if label == "scissors":
        opening, tilt = rng.uniform(17, 52), rng.normal(0, 5)
        fingers = np.array([opening / 2 + tilt, tilt - opening / 2, -5.0, -9.0])
    else:
        # Half of the open hands keep their fingers together, as people do on a table.
        spread = rng.uniform(0, 0.15) if rng.random() < 0.5 else rng.uniform(0.1, 1)
        fingers = np.array([-0.5, 0.0, 0.3, 0.5]) + spread * np.array([15.0, 4.0, -8.0, -23.0])
        fingers += rng.normal(0, 0.9 + 3 * spread, 4)
    return np.concatenate(([4 + 46 * thumb], fingers))
