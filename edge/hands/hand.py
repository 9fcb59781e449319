"""A hand: all parameters of one picture, and their random choice."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .camera import Camera, sample_camera
from .colour import Colour, colour_of
from .placement import Placement, centred, drifted, sample_placement
from .pose import LABELS, Pose, sample_pose
from .scene import Scene, cleared, sample_scene

_SKIN_TONES = np.array([(196, 214, 248), (150, 182, 232), (112, 150, 212), (74, 112, 176), (48, 76, 130), (34, 48, 84)])


@dataclass(frozen=True)
class Hand:
    """All parameters of one picture.

    Attributes:
        label: one of `LABELS`.
        pose: how the hand is held.
        place: where it lies.
        skin: skin colour, BGR 0..255.
        mottle: strength of the skin's texture, 0..1.
        hairs: number of hairs.
        cloth: colour of the sleeve, BGR 0..255.
        scene: background and light.
        camera: tone, noise and blur.
        seed: seed of background and skin texture.
        noise_seed: seed of the sensor noise.
    """

    label: str
    pose: Pose
    place: Placement
    skin: Colour
    mottle: float
    hairs: int
    cloth: Colour
    scene: Scene
    camera: Camera
    seed: int
    noise_seed: int


def sample_hand(label: str, rng: np.random.Generator) -> Hand:
    """Draw the parameters of a random picture.

    Args:
        label: one of `LABELS`.
        rng: source of randomness; the same state gives the same hand.

    Returns:
        The parameters.

    Raises:
        ValueError: for an unknown label.
    """
    check_label(label)
    skin = _sample_skin(rng)
    return Hand(
        label=label,
        pose=sample_pose(label, rng),
        place=sample_placement(label, rng),
        skin=skin,
        mottle=float(rng.uniform(0.2, 1)),
        hairs=int(rng.integers(20, 160)) if rng.random() < 0.35 else 0,
        cloth=colour_of(rng.uniform(10, 245, 3) * rng.uniform(0.2, 1)),
        scene=sample_scene(skin, rng),
        camera=sample_camera(rng),
        seed=int(rng.integers(2**31)),
        noise_seed=int(rng.integers(2**31)),
    )


def tidied(hand: Hand) -> Hand:
    """Show a hand as people do who are asked to: upright, in the middle, before a plain background.

    Args:
        hand: any hand.

    Returns:
        The same hand, pose, light and camera; a small network learns such hands from fewer pictures.
    """
    return replace(hand, place=centred(hand.place, hand.label), scene=cleared(hand.scene))


def check_label(label: str) -> None:
    """Refuse an unknown label with a ValueError."""
    if label not in LABELS:
        raise ValueError(f"expected a label of {LABELS}, received {label!r}")


def moved(hand: Hand, phase: float) -> Hand:
    """Let a hand drift for a clip.

    Args:
        hand: the hand where the clip begins.
        phase: time in rounds; whole numbers give the hand itself.

    Returns:
        The same hand over the same background, a little displaced, turned and resized, with fresh sensor noise.
    """
    turn = phase % 1.0
    return replace(hand, place=drifted(hand.place, turn), noise_seed=hand.noise_seed + round(turn * 1e6))


def _sample_skin(rng: np.random.Generator) -> Colour:
    tone = rng.uniform(0, len(_SKIN_TONES) - 1)
    stations = np.arange(len(_SKIN_TONES))
    between = np.array([np.interp(tone, stations, channel) for channel in _SKIN_TONES.T])
    return colour_of(between * rng.uniform(0.92, 1.08, 3))
