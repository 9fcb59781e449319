"""What the tensors of a model made elsewhere say of the pictures that it takes and of the scores that it gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..choices import one_of
from ..contract import LARGEST_SIDE, Color, ImageInput, Layout, Quantization, Resize
from ..errors import InputError
from ..interpreters import TensorInfo, is_row
from ..modelfile.metadata import Metadata
from ..preprocess import pixel_quantization
from .description import Assumption, Description
from .ranges import Limits, normalized, parse_numbers, parse_range, spelled

_BYTES = ("uint8", "int8")
_CHANNELS = {Layout.NHWC: 3, Layout.NCHW: 1}  # their dimension
_SHAPES = {Layout.NHWC: "(1, height, width, 1 or 3)", Layout.NCHW: "(1, 1 or 3, height, width)"}
_SHIFT = 128  # of a pixel that is stored in an int8
_USUAL = ((0.0, 1.0), (-1.0, 1.0), (0.0, 255.0), (-128.0, 127.0))
_NEAR = 0.02  # of a range's length; calibration finds 0.99 where 1 is meant


def fixed_shape(tensor: TensorInfo, said: Description) -> tuple[int, int, int, int]:
    """Give the shape that the input is run with: one picture, of the size that a person gives where the file does not.

    Raises:
        InputError: the tensor takes no picture, its size is open and none is given, or another size is.
    """
    kind = layout_of(tensor, said)
    height, width, channels = _sizes(tensor.shape, kind)
    if said.size is None and not (height and width):
        raise InputError(
            f"expected the size of pictures, which this file leaves open, received {tensor.shape}; pass --size"
        )
    if not all(0 < side <= LARGEST_SIDE for side in said.size or ()):
        raise InputError(f"expected a size of up to {LARGEST_SIDE} pixels each way, received {said.size}")
    for own, given in zip((height, width), said.size or (), strict=False):
        if own not in (given, None):
            taken = "x".join("…" if side is None else str(side) for side in (height, width))
            asked = "x".join(map(str, said.size or ()))
            raise InputError(f"expected --size {taken}, as the file takes it, received {asked}")
    height, width = said.size or (height or 0, width or 0)
    return (1, height, width, channels) if kind is Layout.NHWC else (1, channels, height, width)


def layout_of(tensor: TensorInfo, said: Description) -> Layout:
    """Find where the channels are: 1 or 3 of them, behind the pixels or before them.

    Raises:
        InputError: in neither place, or in both, so that a person must say.
    """
    shape = tensor.shape
    allowed = list(Layout) if said.layout is None else [one_of(Layout, "a layout", said.layout)]
    is_one = len(shape) == 4 and shape[0] in (1, None)
    places = [kind for kind in allowed if is_one and shape[_CHANNELS[kind]] in (1, 3)]
    if len(places) == 2:
        raise InputError(
            f"expected 1 or 3 channels in one place, received {shape}, where they may be in either; "
            "pass --layout nhwc or nchw"
        )
    if not places:
        raise InputError(
            f"expected an input of shape {' or '.join(_SHAPES[kind] for kind in allowed)}, received {shape}"
        )
    return places[0]


def image_input(
    tensor: TensorInfo, said: Description, metadata: Metadata | None
) -> tuple[ImageInput, list[Assumption]]:
    """Describe the pictures that an input tensor takes.

    A uint8 or int8 tensor takes pixels as they are (an int8 less 128), whatever the metadata say of mean and std: those
    are of the float network, and calibration has made them part of the tensor's quantization. MediaPipe and the rest
    of TFLite's world feed them so. `--range` or `--mean` say otherwise.

    Args:
        tensor: the input, every size of it known.
        said: what a person says.
        metadata: what the file says.

    Raises:
        InputError: the tensor takes no picture, or the description does not fit it.
        ValueError: the description is no contract.
    """
    if tensor.quantization is None and tensor.dtype not in ("float32", *_BYTES):
        raise InputError(
            f"expected an input of float32, uint8 or int8, received {tensor.dtype}; export the model again"
        )
    kind = layout_of(tensor, said)
    height, width, channels = _sizes(tensor.shape, kind)
    color, assumed = _color(channels, said, metadata)
    limits, assumed_range = _limits(tensor, channels, said, metadata)
    spec = ImageInput(
        height=height or 0,
        width=width or 0,
        channels=channels,
        color=color,
        resize=one_of(Resize, "a resize", said.resize or Resize.STRETCH.value),
        range=(min(low for low, _ in limits), max(high for _, high in limits)),
        layout=kind,
        channel_ranges=limits if len(limits) > 1 else (),
    )
    if tensor.dtype != spec.dtype:
        quantization = tensor.quantization or _pixels_themselves(tensor.dtype, spec)
        spec = replace(spec, dtype=tensor.dtype, quantization=quantization)
    return spec, assumed_range + assumed


def check_output(tensor: TensorInfo) -> None:
    """See to it that an output is one row of scores.

    Raises:
        InputError: it is of another shape, or holds integers of unknown meaning.
    """
    if not is_row(tensor.shape):
        raise InputError(f"expected an output of shape (1, units), received {tensor.shape}; use a classifier's file")
    # Whether 255 stands for 1 or for 16 is not in the file, and a threshold or a person would be misled.
    if tensor.quantization is None and tensor.dtype != "float32":
        raise InputError(
            f"expected an output of float32, received {tensor.dtype} of unknown quantization; "
            "end the model with a DequantizeLinear"
        )


def _sizes(shape: Sequence[int | None], kind: Layout) -> tuple[int | None, int | None, int]:
    """Give height, width and channels, the last of which is known."""
    height, width, channels = shape[1:] if kind is Layout.NHWC else (*shape[2:], shape[1])
    return height, width, channels or 0


def _color(channels: int, said: Description, metadata: Metadata | None) -> tuple[Color, list[Assumption]]:
    if said.color is not None:
        return one_of(Color, "a color", said.color), []
    if channels == 1:
        return Color.GRAY, []
    if metadata is not None and metadata.color is Color.RGB:
        return Color.RGB, []
    return Color.RGB, [Assumption("color", Color.RGB.value)]


def _limits(
    tensor: TensorInfo, channels: int, said: Description, metadata: Metadata | None
) -> tuple[tuple[Limits, ...], list[Assumption]]:
    """Find what a pixel of 0 and of 255 stands for, in all channels or in each."""
    if (given := _given(said, channels)) is not None:
        if len(given) > 1 and tensor.quantization is None and tensor.dtype in _BYTES:
            raise InputError(f"expected no --mean and --std, as an input of {tensor.dtype} takes pixels as they are")
        return given, []
    if tensor.dtype in _BYTES:
        return _of_bytes(tensor)
    if metadata is not None and metadata.mean and metadata.std:
        return normalized(metadata.mean, metadata.std, 255, channels), []
    return ((0.0, 1.0),), [Assumption("range", "0..1")]


def _given(said: Description, channels: int) -> tuple[Limits, ...] | None:
    if (said.mean is None) != (said.std is None) or (said.mean is not None and said.range is not None):
        given = ", ".join(f"--{name}" for name in ("range", "mean", "std") if name in said.given())
        raise InputError(f"expected --range, or --mean and --std, received {given}")
    if said.mean is not None and said.std is not None:
        mean, std = (parse_numbers(one) if isinstance(one, str) else one for one in (said.mean, said.std))
        return normalized(mean, std, 1, channels)
    if said.range is not None:
        return (parse_range(said.range) if isinstance(said.range, str) else said.range,)
    return None


def _of_bytes(tensor: TensorInfo) -> tuple[tuple[Limits, ...], list[Assumption]]:
    """Take pixels for the stored values."""
    if tensor.quantization is None:
        return ((0.0, 255.0),), []
    scale, zero = tensor.quantization.scale, tensor.quantization.zero_point
    first = 0 if tensor.dtype == "uint8" else -_SHIFT
    limits = (first - zero) * scale, (first + 255 - zero) * scale
    assumed = [] if _is_usual(limits) else [Assumption("range", spelled(limits), f"pixels as they are, {tensor.dtype}")]
    return (limits,), assumed


def _is_usual(limits: Limits) -> bool:
    return any(
        all(abs(end - usual) <= _NEAR * (ends[1] - ends[0]) for end, usual in zip(limits, ends, strict=True))
        for ends in _USUAL
    )


def _pixels_themselves(dtype: str, spec: ImageInput) -> Quantization:
    """Give the quantization under which a pixel is the stored value: ONNX keeps none beside a tensor."""
    pixel = pixel_quantization(spec)
    return pixel if dtype == "uint8" else Quantization(pixel.scale, pixel.zero_point - _SHIFT)
