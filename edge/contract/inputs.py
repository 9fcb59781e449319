"""What a network takes: a picture, or numbers."""

from __future__ import annotations

from dataclasses import dataclass

from .numbers import Quantization, check_range, check_storage
from .vocabulary import Color, Interpolation, Layout, Resize

LARGEST_SIDE = 8192  # pixels of a model's input


@dataclass(frozen=True)
class ImageInput:
    """An input tensor of shape (1, height, width, channels), or (1, channels, height, width), made from a picture.

    `range` is the real value of a pixel of 0 and of 255, as the network was trained; where it differs from channel to
    channel, `channel_ranges` has one for each, in the order of `color`, and `range` spans them all. `dtype` is the
    tensor's numpy dtype, and `quantization` maps between real and stored values where the tensor holds integers.
    """

    height: int
    width: int
    channels: int
    color: Color = Color.RGB
    resize: Resize = Resize.STRETCH
    interpolation: Interpolation = Interpolation.LINEAR
    range: tuple[float, float] = (0.0, 1.0)
    dtype: str = "float32"
    quantization: Quantization | None = None
    layout: Layout = Layout.NHWC
    channel_ranges: tuple[tuple[float, float], ...] = ()
    kind: str = "image"

    def __post_init__(self) -> None:
        if not (0 < self.height <= LARGEST_SIDE and 0 < self.width <= LARGEST_SIDE):
            raise ValueError(
                f"expected a height and width from 1 to {LARGEST_SIDE}, received {self.height}×{self.width}"
            )
        if self.channels != (1 if self.color is Color.GRAY else 3):
            raise ValueError(f"expected 3 channels for rgb or bgr and 1 for gray, received {self.channels}")
        for limits in (self.range, *self.channel_ranges):
            check_range(limits)
        if len(self.channel_ranges) not in (0, self.channels):
            raise ValueError(f"expected {self.channels} ranges of channels, received {len(self.channel_ranges)}")
        check_storage(self.dtype, self.quantization)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one picture's pixels, without the batch dimension."""
        return (self.height, self.width, self.channels)

    @property
    def tensor_shape(self) -> tuple[int, ...]:
        """Shape of one picture in the tensor, without the batch dimension."""
        return self.shape if self.layout is Layout.NHWC else (self.channels, self.height, self.width)


@dataclass(frozen=True)
class NumberInput:
    """An input tensor of shape (1, count) of plain numbers; `range` is where the network may be trusted."""

    count: int
    range: tuple[float, float]
    dtype: str = "float32"
    quantization: Quantization | None = None
    kind: str = "numbers"

    def __post_init__(self) -> None:
        if not 0 < self.count <= 1_000_000:
            raise ValueError(f"expected 1 to 1000000 numbers, received {self.count}")
        check_range(self.range)
        check_storage(self.dtype, self.quantization)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one sample, without the batch dimension."""
        return (self.count,)

    @property
    def tensor_shape(self) -> tuple[int, ...]:
        """Shape of one sample in the tensor, without the batch dimension."""
        return self.shape


ModelInput = ImageInput | NumberInput
