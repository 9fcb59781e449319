"""Calibration: the samples that fix the ranges of an int8 file."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..edge.contract import Calibration, CalibrationMethod, ImageInput, NumberInput, Precision
from ..edge.errors import InputError
from ..edge.folders import LabelledFile
from ..edge.pixel_set import PixelSet
from ..edge.preprocess import to_real
from ..edge.run_directory import Split
from .copies import fingerprints, look_alikes

IMAGES = 200
FEWEST = 5  # of a class, however many classes there are
_NUMBERS = 201
CALIBRATED = frozenset(
    {Precision.INT8, Precision.MIXED, Precision.INT16X8}
)  # whose activations have ranges that samples fix


@dataclass(frozen=True)
class CalibrationSet:
    """Samples as the network takes them, one at a time, and what the contract says of them."""

    samples: NDArray[np.generic]
    spec: ImageInput | NumberInput
    record: Calibration

    def some(self, count: int) -> list[NDArray[np.float32]]:
        """Give up to `count` samples, spread evenly over all."""
        chosen = set(np.linspace(0, len(self.samples) - 1, min(count, len(self.samples))).astype(int).tolist())
        return [sample for index, sample in enumerate(self) if index in chosen]

    def between(self, start: int, end: int) -> Iterator[NDArray[np.float32]]:
        """Give the samples from one place up to another."""
        return iter(replace(self, samples=self.samples[start:end]))

    def __iter__(self) -> Iterator[NDArray[np.float32]]:
        """Give each sample as float32 of shape (1, *input.shape)."""
        for sample in self.samples:
            if isinstance(self.spec, ImageInput):
                yield to_real(sample[None].astype(np.uint8, copy=False), self.spec)
            else:
                yield sample[None].astype(np.float32)


def choose(split: Split, seed: int, count: int = IMAGES) -> tuple[LabelledFile, ...]:
    """Choose calibration pictures: from the training split, stratified, each different, none of them judged by.

    Args:
        split: the run's pictures.
        seed: decides which are drawn.
        count: how many, at most; each class gives as many as any other where it has them.

    Raises:
        InputError: nothing is left to choose from.
    """
    judged = {file.sha256 for file in split.validation}
    classes: dict[str, dict[str, LabelledFile]] = defaultdict(dict)
    for file in split.train:
        if file.sha256 not in judged:
            classes[file.label].setdefault(file.sha256, file)
    if not classes:
        raise InputError("expected training pictures that are not validated with, received none; train again")
    rng = np.random.default_rng(seed)
    share = _share(count, len(classes))
    return tuple(
        files[index]
        for label in sorted(classes)
        for files in [[classes[label][sha256] for sha256 in sorted(classes[label])]]
        for index in rng.permutation(len(files))[:share]
    )


def distinct(drawn: PixelSet, count: int = IMAGES) -> tuple[PixelSet, int]:
    """Leave out pictures that look like an earlier one of their class, then all that are more than `count`.

    Every class keeps an even share, and a few pictures even where all of them look alike.

    Returns:
        The pictures that are left, and how many looked like an earlier one.
    """
    prints = fingerprints(drawn.pixels.mean(-1).astype(np.uint8))
    alike = {index for index, others in look_alikes(prints, drawn.labels) if others[0] < index}
    share = _share(count, len(set(drawn.labels.tolist())))
    kept: list[int] = []
    for label in dict.fromkeys(drawn.labels.tolist()):
        places = np.flatnonzero(drawn.labels == label).tolist()
        different = [place for place in places if place not in alike]
        spare = [place for place in places if place in alike]
        kept += (different + spare[: max(0, FEWEST - len(different))])[:share]
    kept.sort()
    left = PixelSet(drawn.pixels[kept], drawn.labels[kept], tuple(drawn.files[index] for index in kept))
    return left, len(alike)


def _share(count: int, classes: int) -> int:
    return max(FEWEST, count // classes)


def of_pictures(pixels: NDArray[np.uint8], files: Sequence[LabelledFile], spec: ImageInput) -> CalibrationSet:
    """Calibrate on pictures, uint8 of shape (n, height, width, channels)."""
    digest = hashlib.sha256("".join(file.sha256 for file in files).encode()).hexdigest()
    return CalibrationSet(pin_range(pixels), spec, Calibration(len(files), digest, CalibrationMethod.MIN_MAX))


def none(spec: ImageInput) -> CalibrationSet:
    """Give the empty set, for precisions that need no calibration."""
    return CalibrationSet(np.empty((0, *spec.shape), np.uint8), spec, Calibration(0, "", CalibrationMethod.MIN_MAX))


def of_numbers(spec: NumberInput) -> CalibrationSet:
    """Calibrate on evenly spaced numbers over the whole range of the input."""
    samples = np.repeat(np.linspace(*spec.range, _NUMBERS, dtype=np.float32)[:, None], spec.count, axis=1)
    digest = hashlib.sha256(samples.tobytes()).hexdigest()
    return CalibrationSet(samples, spec, Calibration(len(samples), digest, CalibrationMethod.MIN_MAX))


def pin_range(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """See to it that 0 and 255 occur, so that the input's scale is 1/255 and a pixel is its own quantized value.

    Most photos reach both; where none does, one corner pixel of the first picture is set, which no later layer's
    range can notice.
    """
    pinned = pixels.copy()
    if pinned.min() > 0:
        pinned[0, 0, 0] = 0
    if pinned.max() < 255:
        pinned[0, -1, -1] = 255
    return pinned
