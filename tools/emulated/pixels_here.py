"""What this machine makes of the material's pixels: drawn, decoded, resized; the campaign runs it on both machines.

python pixels_here.py MATERIAL OUT
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from edgeproof.edge.contract import Color, ImageInput, Interpolation, Resize
from edgeproof.edge.preprocess import Pixels, decode_image, to_pixels
from material import Material, make

# The article's networks and those of Keras take these; 28 is Fashion-MNIST's, and 32 the golden models'.
_SIDES = (28, 32, 96, 150, 224, 299)


def specs() -> Iterator[ImageInput]:
    """Give every way of making a tensor that the contract knows, at the sides that networks take."""
    for interpolation in Interpolation:
        for side in _SIDES:
            yield ImageInput(side, side, 3, interpolation=interpolation)
    yield ImageInput(150, 150, 3, resize=next(rule for rule in Resize if rule is not Resize.STRETCH))
    yield ImageInput(150, 150, 1, color=Color.GRAY)


def name_of(spec: ImageInput) -> str:
    """Name a way of making a tensor: "linear 150×150 rgb stretch"."""
    return f"{spec.interpolation.value} {spec.width}×{spec.height} {spec.color.value} {spec.resize.value}"


def pixels(material: Material) -> Iterator[tuple[str, Pixels]]:
    """Give every array of pixels by "step: frame"."""
    for name, frame in make(None, 3).frames.items():
        if name.startswith(("hands", "drawn")):
            yield f"hands drawn: {name}", frame
    for name, data in material.encoded.items():
        yield f"JPEG decoded: {name}", decode_image(data.tobytes(), name)
    for spec in specs():
        for name, frame in material.frames.items():
            yield f"{name_of(spec)}: {name}", to_pixels(frame, spec)


if __name__ == "__main__":
    np.savez(sys.argv[2], **dict(pixels(Material.read(Path(sys.argv[1])))))  # type: ignore[arg-type]  # names are free
