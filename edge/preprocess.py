"""From an encoded picture or a camera frame to the input tensor: the one place where pixels are made.

Training, calibration, the parity proof and the device all call these functions, so what the network was trained on and
what the device shows it cannot differ.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from .contract import Color, ImageInput, Interpolation, ModelInput, NumberInput, Quantization, Resize
from .errors import InputError
from .quantization import quantize

Pixels = NDArray[np.uint8]

_INTERPOLATIONS = {
    Interpolation.LINEAR: cv2.INTER_LINEAR,
    Interpolation.AREA: cv2.INTER_AREA,
    Interpolation.NEAREST: cv2.INTER_NEAREST,
}
_ROUNDING = 1e-6  # of a division
_FROM_BGR = {Color.RGB: cv2.COLOR_BGR2RGB, Color.GRAY: cv2.COLOR_BGR2GRAY}


def read_image(path: Path) -> Pixels:
    """Decode an image file to BGR of shape (height, width, 3), turned as its EXIF orientation says.

    Raises:
        InputError: the file cannot be read or is no picture.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"expected a picture, received {error.strerror or error}: {path}") from error
    return decode_image(data, str(path))


def decode_image(data: bytes, where: str) -> Pixels:
    """Decode the bytes of an image file as `read_image` does; `where` names it in messages."""
    image = None
    if data:
        try:
            image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        except cv2.error:
            # Sizes beyond OpenCV's own limit raise; anything else that is no picture gives None.
            image = None
    if image is None:
        raise InputError(f"expected a picture that OpenCV can decode, received {len(data)} bytes of something: {where}")
    return image  # type: ignore[return-value]  # uint8, as IMREAD_COLOR promises


def crop_box(height: int, width: int, spec: ImageInput) -> tuple[int, int, int, int]:
    """Choose the part of a frame that is resized to the model's input, as (top, left, height, width) in pixels.

    Stretching takes the whole frame; a centre crop takes the largest centred part with the model's aspect ratio.
    """
    if spec.resize is Resize.STRETCH:
        return 0, 0, height, width
    crop_height = min(height, max(1, width * spec.height // spec.width))
    crop_width = min(width, max(1, height * spec.width // spec.height))
    return (height - crop_height) // 2, (width - crop_width) // 2, crop_height, crop_width


def to_pixels(frame: Pixels, spec: ImageInput, out: Pixels | None = None) -> Pixels:
    """Crop, resize and reorder the colours of a frame.

    Args:
        frame: BGR, uint8, shape (any height, any width, 3).
        spec: the model's input.
        out: where to write, uint8 of `spec.shape`; a new array where None.

    Returns:
        `out`: uint8 of `spec.shape`, in the model's colour order.
    """
    top, left, height, width = crop_box(frame.shape[0], frame.shape[1], spec)
    part = frame[top : top + height, left : left + width]
    resized = cv2.resize(part, (spec.width, spec.height), interpolation=_INTERPOLATIONS[spec.interpolation])
    if out is None:
        out = np.empty(spec.shape, np.uint8)
    if spec.color is Color.BGR:
        np.copyto(out, resized)
    else:
        # Reordering after the resize touches 150×150 pixels instead of 640×480.
        cv2.cvtColor(resized, _FROM_BGR[spec.color], dst=out)
    return out


def pixel_quantization(spec: ImageInput) -> Quantization:
    """Give the quantization under which a uint8 pixel *is* the stored value: scale 1/255, zero point 0 for [0, 1]."""
    low, high = spec.range
    scale = (high - low) / 255
    return Quantization(float(np.float32(scale)), round(-low / scale))


def is_of_pixels(quantization: Quantization, spec: ImageInput) -> bool:
    """Tell whether a uint8 pixel is the stored value under a quantization.

    Where the value 0 lies halfway between two pixels, as it does for −1..1 at 127.5, there is no exact zero point, and
    converters take either neighbour: the network then sees values half a step off, but not one pixel is lost.
    """
    low, high = spec.range
    exact = -low / ((high - low) / 255)
    nearest = abs(quantization.zero_point - exact) <= 0.5 + _ROUNDING
    return quantization.scale == pixel_quantization(spec).scale and nearest


def to_real(pixels: Pixels, spec: ImageInput) -> NDArray[np.float32]:
    """Scale uint8 pixels of any shape to the float32 values that the network is trained on (`spec.range`)."""
    low, high = spec.range
    real = pixels.astype(np.float32)
    real *= np.float32((high - low) / 255)
    if low:
        real += np.float32(low)
    return real


def write_input(sample: NDArray[np.generic], spec: ModelInput, tensor: NDArray[np.generic]) -> None:
    """Write one sample into an interpreter's input tensor.

    Args:
        sample: a BGR frame (uint8, any height and width, 3 channels), or numbers of shape (count,).
        spec: the model's input.
        tensor: the tensor to fill, shape (1, *spec.shape), of `spec.dtype`.

    Raises:
        InputError: the sample is of the wrong shape.
    """
    if isinstance(spec, NumberInput):
        _write_numbers(sample, spec, tensor)
        return
    if sample.ndim != 3 or sample.shape[2] != 3 or sample.dtype != np.uint8:
        raise InputError(f"expected a BGR frame of uint8, received {sample.dtype} of shape {sample.shape}")
    frame: Pixels = sample.astype(np.uint8, copy=False)
    if tensor.dtype == np.uint8 and spec.quantization is not None and is_of_pixels(spec.quantization, spec):
        to_pixels(frame, spec, tensor[0])
        return
    real = to_real(to_pixels(frame, spec), spec)
    tensor[0] = real if spec.quantization is None else quantize(real, spec.quantization, tensor.dtype)


def _write_numbers(sample: NDArray[np.generic], spec: NumberInput, tensor: NDArray[np.generic]) -> None:
    if sample.shape != spec.shape:
        raise InputError(f"expected {spec.count} number(s), received {sample.size}")
    real = sample.astype(np.float32)
    tensor[0] = real if spec.quantization is None else quantize(real, spec.quantization, tensor.dtype)
