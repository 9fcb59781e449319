"""What a person should know of a calibration set, since a bad one costs accuracy in silence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from ..edge.console import Console
from ..edge.errors import InputError
from ..edge.pixel_set import PixelSet
from .calibration import FEWEST

_FEW = 50  # pictures; below it the ranges of a layer depend on which pictures were drawn
_NARROW = 128  # of 255: a set that uses less of the range was taken in one light, or is on another scale
_ALIKE = 0.1  # share of the pictures that may look like another one


def lint(chosen: PixelSet, drawn: int, alike: int, labels: Sequence[str], console: Console) -> None:
    """Look at calibration pictures, and warn of what makes ranges unsure.

    Args:
        chosen: the pictures, at the network's size.
        drawn: how many they were chosen from.
        alike: how many of those look like an earlier one of their class.
        labels: every label that the network answers.
        console: where warnings go.

    Raises:
        InputError: a class is missing, or the pictures are all alike or empty.
    """
    counts = Counter(file.label for file in chosen.files)
    if missing := sorted(set(labels) - set(counts)):
        raise InputError(f"expected calibration pictures of every class, received none of {', '.join(missing)}")
    _lint_pixels(chosen, console)
    if alike and drawn - alike == 1:
        raise InputError(f"expected calibration pictures that differ, received {drawn} that look the same")
    if alike > _ALIKE * drawn:
        console.warn(f"{alike} of {drawn} calibration pictures look like another one; add different ones")
    if len(chosen) < _FEW:
        console.warn(f"{len(chosen)} calibration pictures are few: ranges become surer with {_FEW} or more")
    if few := [f"{label} {count}" for label, count in sorted(counts.items()) if count < FEWEST]:
        console.warn(f"classes with fewer than {FEWEST} calibration pictures: {', '.join(few)}")


def _lint_pixels(chosen: PixelSet, console: Console) -> None:
    flat = chosen.pixels.reshape(len(chosen), -1)
    empty = np.flatnonzero(flat.min(1) == flat.max(1))
    if len(empty) == len(chosen):
        raise InputError("expected calibration pictures, received only pictures of one colour")
    if len(empty):
        file = chosen.files[int(empty[0])].file
        console.warn(f"{len(empty)} calibration pictures are of one colour, one is {file}")
    low, high = int(flat.min()), int(flat.max())
    if high - low < _NARROW:
        console.warn(
            f"the calibration pictures reach only from {low} to {high} of 0 to 255: "
            "brighter or darker frames will saturate; add pictures in other light"
        )
