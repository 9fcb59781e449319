"""From an encoded picture or a camera frame to the input tensor: the one place where pixels are made.

Training, calibration, the parity proof and the device all call these functions, so what the network was trained on and
what the device shows it cannot differ.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from .contract import Color, ImageInput, Interpolation, Layout, ModelInput, NumberInput, Quantization, Resize
from .errors import InputError
from .quantization import quantize
from .resizing import Pixels as Pixels  # which most of the house knows from here
from .resizing import Resizer

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


def to_pixels(frame: Pixels, spec: ImageInput, out: Pixels | None = None, resizer: Resizer | None = None) -> Pixels:
    """Crop, resize and reorder the colours of a frame.

    Args:
        frame: BGR, uint8, shape (any height, any width, 3).
        spec: the model's input.
        out: where to write, uint8 of `spec.shape`, contiguous; a new array where None.
        resizer: of `resizer_for(spec)`, whose memory is used; a new one where None.

    Returns:
        `out`: uint8 of `spec.shape`, in the model's colour order.
    """
    if spec.resize is not Resize.STRETCH:
        top, left, height, width = crop_box(frame.shape[0], frame.shape[1], spec)
        frame = frame[top : top + height, left : left + width]
    if out is None:
        out = np.empty(spec.shape, np.uint8)
    resizer = resizer or resizer_for(spec)
    if spec.color is Color.BGR:
        resizer.resize(frame, out)
    else:
        # Reordering after the resize touches 150×150 pixels instead of 640×480.
        cv2.cvtColor(resizer.resize(frame), _FROM_BGR[spec.color], out)
    return out


def resizer_for(spec: ImageInput) -> Resizer:
    """Make what resizes frames to a model's input; for one thread at a time."""
    return Resizer((spec.width, spec.height), _INTERPOLATIONS[spec.interpolation])


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
    """Write one sample into an input tensor, as `InputWriter` does, which is faster where there are many."""
    InputWriter(spec).write(sample, tensor)


class InputWriter:
    """Writes samples into a model's input tensor.

    What a pixel becomes depends on nothing but its value, so a table of 256 entries does the scaling, the quantization
    and the type at once, to the bit as `to_real` and `quantize` would. All memory is made here: a loop that runs for
    months allocates nothing per frame.
    """

    def __init__(self, spec: ModelInput) -> None:
        self.spec = spec
        if isinstance(spec, ImageInput):
            self._resizer = resizer_for(spec)
            self._pixels: Pixels = np.empty(spec.shape, np.uint8)
            self._plane: Pixels = np.empty((spec.height, spec.width), np.uint8)
            # One table for all channels, or one for each; OpenCV takes them as (1, 256, 1 or channels).
            limits = spec.channel_ranges or (spec.range,)
            tables = [] if _takes_pixels(spec) else [_stored(spec, ends) for ends in limits]
            self._table = np.stack(tables, axis=-1)[None] if tables else None

    def write(self, sample: NDArray[np.generic], tensor: NDArray[np.generic]) -> None:
        """Write one sample.

        Args:
            sample: a BGR frame (uint8, any height and width, 3 channels), or numbers of shape (count,).
            tensor: the tensor to fill, shape (1, *spec.tensor_shape), of `spec.dtype`.

        Raises:
            InputError: the sample is of the wrong shape or dtype.
        """
        spec = self.spec
        if isinstance(spec, NumberInput):
            _write_numbers(sample, spec, tensor)
            return
        if sample.ndim != 3 or sample.shape[2] != 3 or sample.dtype != np.uint8 or not sample.size:
            raise InputError(f"expected a BGR frame of uint8, received {sample.dtype} of shape {sample.shape}")
        frame: Pixels = sample  # type: ignore[assignment]  # as was just checked
        table = self._table
        if table is None and spec.layout is Layout.NHWC:
            to_pixels(frame, spec, tensor[0], self._resizer)
            return
        pixels = to_pixels(frame, spec, self._pixels, self._resizer)
        if table is not None and spec.layout is Layout.NHWC:
            cv2.LUT(pixels, table, tensor[0])
        else:
            self._write_planes(pixels, tensor[0])

    def _write_planes(self, pixels: Pixels, planes: NDArray[np.generic]) -> None:
        for channel, plane in enumerate(planes):
            if self._table is None:
                cv2.extractChannel(pixels, channel, dst=plane)
            else:
                cv2.extractChannel(pixels, channel, dst=self._plane)
                cv2.LUT(self._plane, self._table[..., channel % self._table.shape[-1]], dst=plane)


def _takes_pixels(spec: ImageInput) -> bool:
    """Tell whether the tensor holds pixels as they are."""
    if spec.dtype != "uint8" or spec.quantization is None or spec.channel_ranges:
        return False
    return is_of_pixels(spec.quantization, spec)


def _stored(spec: ImageInput, limits: tuple[float, float]) -> NDArray[np.generic]:
    """Give what the tensor holds for each value of a pixel of one range: (256,) of the tensor's dtype."""
    values: Pixels = np.arange(256, dtype=np.uint8)
    real = to_real(values, replace(spec, range=limits))
    return real if spec.quantization is None else quantize(real, spec.quantization, spec.dtype)


def _write_numbers(sample: NDArray[np.generic], spec: NumberInput, tensor: NDArray[np.generic]) -> None:
    if sample.shape != spec.shape:
        raise InputError(f"expected {spec.count} number(s), received {sample.size}")
    real = sample.astype(np.float32)
    tensor[0] = real if spec.quantization is None else quantize(real, spec.quantization, tensor.dtype)
