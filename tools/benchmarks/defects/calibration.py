"""Defects of calibration: a network quantized on samples that are not what it will see."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .vocabulary import Broken, Good, Kind, Workshop

Draw = np.random.Generator
Pixels = NDArray[np.uint8]
_SAMPLES = 60


def noise(workshop: Workshop, rng: Draw) -> tuple[str, Pixels]:
    """Give noise around middle gray, weak or strong."""
    spread = float(rng.choice([1, 4, 15, 60]))
    shape = (_SAMPLES, *workshop.pixels.shape[1:])
    return f"noise of ±{spread:g}", np.clip(rng.normal(128, spread, shape), 0, 255).astype(np.uint8)


def one_class(workshop: Workshop, rng: Draw) -> tuple[str, Pixels]:
    """Give pictures of one class."""
    chosen = int(rng.integers(workshop.truth.max() + 1))
    return f"class {chosen}", workshop.pixels[workshop.truth == chosen][:_SAMPLES]


def dark(workshop: Workshop, rng: Draw) -> tuple[str, Pixels]:
    """Give pictures taken without light."""
    factor = int(rng.choice([2, 4, 8, 20]))
    return f"pictures darker by {factor}", workshop.pixels[:: len(workshop.pixels) // _SAMPLES] // factor


def single(workshop: Workshop, rng: Draw) -> tuple[str, Pixels]:
    """Give one picture."""
    chosen = int(rng.integers(len(workshop.pixels)))
    return f"picture {chosen} alone", workshop.pixels[chosen : chosen + 1]


def _make(file: Good, workshop: Workshop, rng: Draw) -> Broken:
    sampled = (noise, one_class, dark, single)[rng.integers(4)]
    text, pixels = sampled(workshop, rng)
    if workshop.requantize is None:
        raise TypeError("expected a quantizer in the workshop, received none")
    return Broken(f"calibrated on {text}", file.open(model=workshop.requantize(file, pixels)))


KINDS = (Kind("wrong calibration", lambda file: file.quantized, _make),)
