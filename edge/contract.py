"""The contract: everything that a model file says about itself, in one vocabulary of frozen dataclasses.

A device needs nothing but these facts to turn a frame into an answer and to prove that the answer is the one that the
workstation saw. `docs` and other programs may rely on the field names; `FORMAT` changes when their meaning does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum

FORMAT = "edgeproof-contract/1"
LARGEST_SIDE = 8192  # pixels of a model's input
_LARGEST = 1e30  # of real numbers: float32 ends at 3e38, and what a network makes of its input must have room
_MOST_LABELS = 100_000  # ImageNet's longest list has 21,841
_MOST_GOLDEN = 64  # frames, all of which a run answers before it begins
_SHOWN = 5  # of many labels, in a message
UNKNOWN = "unknown"  # the label of an answer whose score is below the threshold


class Color(str, Enum):
    """Order of the colour channels that the model was trained on."""

    RGB = "rgb"
    BGR = "bgr"
    GRAY = "gray"


class Resize(str, Enum):
    """How a frame of any shape becomes the model's height × width."""

    STRETCH = "stretch"
    CENTER_CROP = "center-crop"


class Interpolation(str, Enum):
    """How pixels between pixels are computed (OpenCV's INTER_LINEAR, INTER_AREA and INTER_NEAREST)."""

    LINEAR = "linear"
    AREA = "area"
    NEAREST = "nearest"


class Layout(str, Enum):
    """Order of an image tensor's dimensions: rows of pixels, or one plane per channel."""

    NHWC = "nhwc"
    NCHW = "nchw"


class Activation(str, Enum):
    """What the model's last layer leaves to be read as scores."""

    SOFTMAX = "softmax"
    SIGMOID = "sigmoid"
    LOGITS = "logits"  # what a softmax has yet to be applied to
    SIGMOID_LOGITS = "sigmoid-logits"  # what a sigmoid has
    LINEAR = "linear"


class Precision(str, Enum):
    """Number format of an exported file; the value is also the end of the file's name."""

    FLOAT32 = "fp32"
    FLOAT16 = "fp16"  # weights of half the size, computed with as floats
    DYNAMIC = "dynamic"  # weights of int8, activations quantized while it runs
    INT16X8 = "int16x8"  # activations of int16, weights of int8
    MIXED = "mixed"  # int8, but for the layers that lose most, which are floats
    INT8 = "int8"


class CalibrationMethod(str, Enum):
    """How the ranges of activations were found from the calibration samples."""

    MIN_MAX = "min-max"  # the least and the greatest value
    PERCENTILE = "percentile"  # but for the outermost ones
    ENTROPY = "entropy"  # where the least information is lost


class Format(str, Enum):
    """File format of an exported model; the value is also the file's suffix."""

    TFLITE = "tflite"
    ONNX = "onnx"


class Verdict(str, Enum):
    """What the parity gate decided."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True)
class Quantization:
    """Affine quantization of a whole tensor: real = scale × (stored − zero_point)."""

    scale: float
    zero_point: int

    def __post_init__(self) -> None:
        if not 1 / _LARGEST < self.scale < _LARGEST:
            raise ValueError(f"expected a scale above 0, received {self.scale}")
        if not -(2**31) <= self.zero_point < 2**31:
            raise ValueError(f"expected a zero point of 32 bits, received one of {self.zero_point.bit_length()}")


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
            _check_range(limits)
        if len(self.channel_ranges) not in (0, self.channels):
            raise ValueError(f"expected {self.channels} ranges of channels, received {len(self.channel_ranges)}")

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
        _check_range(self.range)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one sample, without the batch dimension."""
        return (self.count,)

    @property
    def tensor_shape(self) -> tuple[int, ...]:
        """Shape of one sample in the tensor, without the batch dimension."""
        return self.shape


ModelInput = ImageInput | NumberInput


def _check_range(limits: tuple[float, float]) -> None:
    # Pixels are divided by the width of the range.
    if not -_LARGEST < limits[0] < limits[1] < _LARGEST or limits[1] - limits[0] < 1 / _LARGEST:
        raise ValueError(f"expected a range from low to high, received {limits}")


@dataclass(frozen=True)
class ModelOutput:
    """The output tensor and what its values mean.

    One sigmoid unit stands for two labels (its value is the score of the second); a linear output has no labels.
    `dtype` and `quantization` are those of the tensor.
    `unknown_below` is the score under which the answer is "unknown", fitted for this file's own precision.
    """

    activation: Activation
    labels: tuple[str, ...] = ()
    dtype: str = "float32"
    quantization: Quantization | None = None
    unknown_below: float = 0.0

    def __post_init__(self) -> None:
        if len(self.labels) > _MOST_LABELS:
            raise ValueError(f"expected at most {_MOST_LABELS} labels, received {len(self.labels)}")
        if len(set(self.labels)) != len(self.labels):
            raise ValueError(f"expected labels that differ, received {listed(self.labels)}")
        if UNKNOWN in self.labels:
            raise ValueError(f"expected no label called {UNKNOWN!r}, it is the answer below the threshold")
        if (self.activation is Activation.LINEAR) != (not self.labels):
            raise ValueError("expected labels for all but linear outputs, and none for those")
        if len(self.labels) == 1:
            raise ValueError(f"expected at least 2 labels, received 1: {self.labels[0]}")

    @property
    def units(self) -> int | None:
        """How many values the output tensor must hold; None where the contract leaves it open (linear)."""
        if self.activation is Activation.LINEAR:
            return None
        is_sigmoid = self.activation in (Activation.SIGMOID, Activation.SIGMOID_LOGITS)
        return 1 if is_sigmoid and len(self.labels) == 2 else len(self.labels)


@dataclass(frozen=True)
class Calibration:
    """The pictures that fixed the ranges of an int8 file; `sha256` is over their contents, in order."""

    images: int
    sha256: str
    method: CalibrationMethod


@dataclass(frozen=True)
class Provenance:
    """Where the file comes from; `float_layers` are those that stayed floats in a file of mixed precision."""

    model: str
    precision: Precision
    created: str
    trained_on: str
    train_images: int
    seed: int
    tools: dict[str, str]
    minimum_runtime: str
    calibration: Calibration | None = None
    float_layers: tuple[str, ...] = ()


@dataclass(frozen=True)
class GoldenFrame:
    """One raw frame, kept before resizing, with what the workstation made of it.

    `file` names the PNG (or, for numbers, .json) inside the model file, `input_sha256` is over the bytes of the input
    tensor, and `scores` are the dequantized outputs.
    """

    file: str
    label: str | None
    input_sha256: str
    scores: tuple[float, ...]

    def __post_init__(self) -> None:
        if not all(-_LARGEST < score < _LARGEST for score in self.scores):
            raise ValueError(f"expected scores that float32 can hold, received {max(self.scores, key=abs)}")


@dataclass(frozen=True)
class Proof:
    """The parity result on the workstation, and the frames that repeat it elsewhere.

    The comparison with the reference rests on `n` samples, the accuracies on the `n_validation` among them that were
    kept from training. `loss_bound` is the one-sided upper bound of the accuracy loss at `confidence`.
    """

    verdict: Verdict
    reference: str
    n: int
    n_validation: int
    margin: float
    loss_bound: float | None
    confidence: float | None
    agreement: float | None
    accuracy: float | None
    accuracy_reference: float | None
    tolerance: float
    golden: tuple[GoldenFrame, ...] = ()

    def __post_init__(self) -> None:
        if len(self.golden) > _MOST_GOLDEN:
            raise ValueError(f"expected at most {_MOST_GOLDEN} golden frames, received {len(self.golden)}")


@dataclass(frozen=True)
class Integrity:
    """Identity of the model bytes, without what edgeproof added around them."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Contract:
    """Everything a device must know of a model file."""

    name: str
    input: ModelInput
    output: ModelOutput
    format: str = FORMAT
    provenance: Provenance | None = None
    proof: Proof | None = None
    integrity: Integrity | None = None

    def __post_init__(self) -> None:
        if self.format != FORMAT:
            raise ValueError(f"expected the contract format {FORMAT}, received {self.format}; update edgeproof")


def texts(value: object) -> Iterator[str]:
    """Give every text in a contract, or in a part of one."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value):
        for field in fields(value):
            yield from texts(getattr(value, field.name))
    elif isinstance(value, dict):
        yield from texts((*value, *value.values()))
    elif isinstance(value, tuple):
        for each in value:
            yield from texts(each)


def listed(labels: Sequence[str]) -> str:
    """List labels for a message, the first few of many."""
    more = len(labels) - _SHOWN
    return ", ".join(labels[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
