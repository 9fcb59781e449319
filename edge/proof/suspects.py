"""Mistakes that a device, or the contract of a file, may make of a frame: each gives a tensor of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from ..contract import Color, ImageInput, Interpolation, Layout, Resize
from .expected import Tensor, cropped, expected_tensor, gray, ordered, tensor_of
from .resizing import Pixels, linear, resized

_RANGES = ((0.0, 1.0), (-1.0, 1.0), (0.0, 255.0))
_RESIZES = {Resize.STRETCH: "the whole frame is stretched", Resize.CENTER_CROP: "the frame's centre is cropped"}
_INTERPOLATIONS = {
    Interpolation.LINEAR: "resized by INTER_LINEAR",
    Interpolation.AREA: "resized by INTER_AREA",
    Interpolation.NEAREST: "resized by INTER_NEAREST",
}


@dataclass(frozen=True)
class Suspect:
    """One mistake, in words that follow "here" or "on the workstation", and the tensor that comes of it."""

    words: str
    tensor: Tensor


def suspects(frame: Pixels, spec: ImageInput) -> Iterator[Suspect]:
    """List the common mistakes with a BGR frame; two may give the same tensor, then the first is the likelier."""
    yield from _of_colours(frame, spec)
    for resize in Resize:
        if resize is not spec.resize:
            yield Suspect(_RESIZES[resize], expected_tensor(frame, replace(spec, resize=resize)))
    for other in Interpolation:
        if other is not spec.interpolation:
            tensor = expected_tensor(frame, replace(spec, interpolation=other))
            yield Suspect(f"the frame is {_INTERPOLATIONS[other]}", tensor)
    yield from _of_places(frame, spec)
    for ends in _RANGES:
        if ends != spec.range and spec.quantization is None:
            scaled = replace(spec, range=ends, channel_ranges=())
            yield Suspect("pixels are scaled to {:g}..{:g}".format(*ends), expected_tensor(frame, scaled))
    layout = Layout.NCHW if spec.layout is Layout.NHWC else Layout.NHWC
    order = "in planes, channels first" if layout is Layout.NCHW else "pixel by pixel, channels last"
    moved = expected_tensor(frame, replace(spec, layout=layout)).reshape(1, *spec.tensor_shape)
    yield Suspect(f"the tensor is filled {order}", moved)


def _of_colours(frame: Pixels, spec: ImageInput) -> Iterator[Suspect]:
    swapped = expected_tensor(np.ascontiguousarray(frame[..., ::-1]), spec)
    yield Suspect("red and blue are swapped", swapped)
    if spec.color is not Color.GRAY:
        yield Suspect("colours are lost, all channels hold the gray value", expected_tensor(_grayed(frame), spec))


def _grayed(frame: Pixels) -> Pixels:
    return np.repeat(gray(frame), 3, axis=-1)


def _of_places(frame: Pixels, spec: ImageInput) -> Iterator[Suspect]:
    part = cropped(frame, spec)
    if spec.interpolation is Interpolation.LINEAR:
        cornered = linear(part, spec.height, spec.width, from_centres=False)
        words = "the frame is resized from the corners of pixels, not from their centres"
        yield Suspect(words, tensor_of(ordered(cornered, spec), spec))
    made = ordered(resized(part, spec.height, spec.width, spec.interpolation), spec)
    yield Suspect("left and right are swapped", tensor_of(made[:, ::-1], spec))
    yield Suspect("the picture is upside down", tensor_of(made[::-1], spec))
    yield Suspect("the picture is turned by 180°", tensor_of(made[::-1, ::-1], spec))
