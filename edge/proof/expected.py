"""The input tensor that a frame must give, computed apart from `preprocess`, which is what is being checked."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..contract import Color, ImageInput, Layout, Resize
from ..preprocess import is_of_pixels
from .resizing import Pixels, resized

# OpenCV's fixed-point weights of blue, green and red in a gray value (modules/imgproc/src/color.hpp).
_GRAY = (3735, 19235, 9798)
_GRAY_BITS = 15

Tensor = NDArray[np.generic]


def expected_tensor(frame: Pixels, spec: ImageInput) -> Tensor:
    """Give the tensor of a BGR frame, of shape (1, *spec.tensor_shape) and `spec.dtype`."""
    return tensor_of(ordered(resized(cropped(frame, spec), spec.height, spec.width, spec.interpolation), spec), spec)


def cropped(frame: Pixels, spec: ImageInput) -> Pixels:
    """Cut out the part of a frame that is resized."""
    height, width = frame.shape[:2]
    if spec.resize is Resize.STRETCH:
        return frame
    tall = min(height, max(1, width * spec.height // spec.width))
    wide = min(width, max(1, height * spec.width // spec.height))
    top, left = (height - tall) // 2, (width - wide) // 2
    return frame[top : top + tall, left : left + wide]


def ordered(frame: Pixels, spec: ImageInput) -> Pixels:
    """Bring BGR pixels into the model's order of colours."""
    if spec.color is Color.GRAY:
        return gray(frame)
    return frame if spec.color is Color.BGR else frame[..., ::-1]


def gray(frame: Pixels) -> Pixels:
    """Give the gray values of BGR pixels, of shape (height, width, 1)."""
    sums = (frame.astype(np.int32) * np.array(_GRAY, np.int32)).sum(-1, keepdims=True, dtype=np.int32)
    values: Pixels = ((sums + (1 << (_GRAY_BITS - 1))) >> _GRAY_BITS).astype(np.uint8)
    return values


def tensor_of(pixels: Pixels, spec: ImageInput) -> Tensor:
    """Store pixels, of shape (height, width, channels) in the model's order, as the tensor holds them."""
    axis = -1 if spec.layout is Layout.NHWC else 0
    if _holds_pixels(spec):
        planes: list[Tensor] = [pixels[..., channel] for channel in range(spec.channels)]
    else:
        limits = spec.channel_ranges or (spec.range,) * spec.channels
        planes = [_stored(pixels[..., channel], ends, spec) for channel, ends in enumerate(limits)]
    return np.stack(planes, axis=axis)[None]


def _holds_pixels(spec: ImageInput) -> bool:
    if spec.dtype != "uint8" or spec.quantization is None or spec.channel_ranges:
        return False
    return is_of_pixels(spec.quantization, spec)


def _stored(plane: Pixels, limits: tuple[float, float], spec: ImageInput) -> Tensor:
    low, high = limits
    real = plane.astype(np.float32) * np.float32((high - low) / 255) + np.float32(low)
    if spec.quantization is None:
        return real.astype(spec.dtype)
    ends = np.iinfo(np.dtype(spec.dtype))
    steps = np.rint(real / np.float32(spec.quantization.scale)) + spec.quantization.zero_point
    stored: Tensor = np.clip(steps, ends.min, ends.max).astype(spec.dtype)
    return stored
