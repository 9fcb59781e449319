"""Procedural pictures of rock, paper and scissors hands, to train and to demonstrate without any photo.

A picture is a pure function of a `Hand`: its parts make a relief, which is lit, laid over a backdrop and exposed as by
a cheap camera.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .backdrop import draw_backdrop
from .camera import expose
from .hand import Hand, check_label, moved, sample_hand, tidied
from .light import shadow_of
from .parts import parts_of, sleeve_of
from .placement import to_pixels
from .plane import Bytes
from .pose import LABELS
from .relief import rasterise
from .skin import draw_skin

__all__ = [
    "LABELS",
    "Hand",
    "draw_hand",
    "hand_mask",
    "hand_pictures",
    "moved",
    "sample_hand",
    "sample_hands",
    "tidied",
]


def draw_hand(hand: Hand, height: int = 240, width: int = 320) -> Bytes:
    """Draw the picture of a hand.

    Args:
        hand: parameters of the picture.
        height: picture height, pixels.
        width: picture width, pixels.

    Returns:
        Picture (height, width, 3), uint8, BGR; the same for the same arguments.

    Raises:
        ValueError: for a label that is unknown or a size that is not positive.
    """
    check_label(hand.label)
    _check_size(height, width)
    rng = np.random.default_rng(hand.seed)
    size = height, width
    matrix = to_pixels(hand.label, hand.place, size)
    relief = rasterise(parts_of(hand.label, hand.pose), sleeve_of(hand.pose), matrix, size)
    picture = draw_backdrop(hand.scene, size, rng)
    picture *= shadow_of(relief.mask, hand.scene, hand.place.size * min(size))
    skin = draw_skin(hand, relief, matrix, rng)
    skin -= picture
    skin *= relief.mask * np.float32(1 / 255)
    picture += skin
    return expose(picture, hand.camera, hand.noise_seed)


def hand_mask(hand: Hand, height: int = 240, width: int = 320, *, arm: bool = True) -> Bytes:
    """Draw the silhouette of a hand.

    Args:
        hand: parameters of the picture.
        height: picture height, pixels.
        width: picture width, pixels.
        arm: whether the forearm and its sleeve belong to the silhouette.

    Returns:
        Coverage (height, width), uint8: 255 on the hand, 0 beside it, between them on its outline.

    Raises:
        ValueError: for a label that is unknown or a size that is not positive.
    """
    check_label(hand.label)
    _check_size(height, width)
    matrix = to_pixels(hand.label, hand.place, (height, width))
    parts, sleeve = parts_of(hand.label, hand.pose), sleeve_of(hand.pose)
    if not arm:
        parts, sleeve = parts[1:], None
    return rasterise(parts, sleeve, matrix, (height, width)).mask


def sample_hands(count: int, seed: int) -> Iterator[Hand]:
    """Draw the parameters of random pictures with the labels in rotation; arguments as for `hand_pictures`."""
    rng = np.random.default_rng(seed)
    return (sample_hand(LABELS[number % len(LABELS)], rng) for number in range(count))


def hand_pictures(
    count: int, seed: int, height: int = 240, width: int = 320, *, tidy: bool = False
) -> Iterator[tuple[str, Bytes]]:
    """Draw random pictures with the labels in rotation.

    Args:
        count: number of pictures.
        seed: seed; a longer run begins with the pictures of a shorter one.
        height: picture height, pixels.
        width: picture width, pixels.
        tidy: hands as `tidied` shows them.

    Returns:
        Iterator over label and picture (height, width, 3), uint8, BGR.

    Raises:
        ValueError: for a negative count or a size that is not positive.
    """
    if count < 0:
        raise ValueError(f"expected a count of at least 0, received {count}")
    _check_size(height, width)
    hands = sample_hands(count, seed)
    return ((hand.label, draw_hand(tidied(hand) if tidy else hand, height, width)) for hand in hands)


def _check_size(height: int, width: int) -> None:
    if height <= 0 or width <= 0:
        raise ValueError(f"expected a positive height and width, received {height} and {width}")
